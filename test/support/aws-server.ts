import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a client of the AWS SDK has asked, and where it believes the service to be. */
export interface AwsRequest {
  /** The operation, as the protocol of the service names it. */
  readonly operation: string;
  readonly region: string;
  readonly body: string;
}

/** How the next requests are answered; an error by its name. */
export type AwsAnswer = { readonly json: unknown } | { readonly xml: string } | { readonly error: string };

/** A server that answers for the APIs that give out credentials. */
export interface AwsServer {
  /** The AWS_* variables that lead clients here. */
  readonly env: Readonly<Record<string, string>>;
  readonly requests: readonly AwsRequest[];
  answer(answer: AwsAnswer): void;
  /** Forgets the requests. */
  reset(): void;
  stop(): Promise<void>;
}

export async function startAwsServer(): Promise<AwsServer> {
  const requests: AwsRequest[] = [];
  let next: AwsAnswer = { error: 'InternalServerError' };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const target = String(request.headers['x-amz-target'] ?? '');
    const [, region = ''] = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(String(request.headers.authorization)) ?? [];
    requests.push({ operation: target || String(new URLSearchParams(body).get('Action')), region, body });
    const error = 'error' in next ? next.error : undefined;
    response.writeHead(error === undefined ? 200 : /^Internal/.test(error) ? 500 : 400, {
      'content-type': 'xml' in next ? 'text/xml' : 'application/x-amz-json-1.1',
      ...(error !== undefined && { 'x-amzn-errortype': error }),
    });
    const said = 'json' in next ? next.json : { __type: error, message: 'as the test wants it' };
    response.end('xml' in next ? next.xml : JSON.stringify(said));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services = ['REDSHIFT', 'REDSHIFT_SERVERLESS', 'SECRETS_MANAGER'];
  return {
    env: Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, url])),
    requests,
    answer: (answer) => {
      next = answer;
    },
    reset: () => {
      requests.length = 0;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}
