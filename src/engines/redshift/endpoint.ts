/** What serves a host name, as AWS's own names say it. */
export interface Endpoint {
  readonly kind: 'workgroup' | 'cluster';
  /** Of the workgroup or cluster. */
  readonly name: string;
  readonly region: string;
}

/**
 * Of `WORKGROUP.ACCOUNT.REGION.redshift-serverless.amazonaws.com` or `CLUSTER.HASH.REGION.redshift.amazonaws.com` (facts
 * 3.11), also in China; undefined of any other name.
 */
export function endpointOf(host: string): Endpoint | undefined {
  const serverless = /^([^.]+)\.\d{12}\.([a-z0-9-]+)\.redshift-serverless\.amazonaws\.com(?:\.cn)?$/i.exec(host);
  if (serverless) return { kind: 'workgroup', name: serverless[1] ?? '', region: serverless[2] ?? '' };
  const cluster = /^([^.]+)\.[^.]+\.([a-z0-9-]+)\.redshift\.amazonaws\.com(?:\.cn)?$/i.exec(host);
  return cluster ? { kind: 'cluster', name: cluster[1] ?? '', region: cluster[2] ?? '' } : undefined;
}

/** Whether a connection to this host never leaves the machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(?:\.\d{1,3}){3}|::1)$/i.test(host);
}
