import { generate } from 'selfsigned';

/** A key and a certificate for localhost and 127.0.0.1, which is its own authority. */
export async function makeCertificate(): Promise<{ readonly key: string; readonly cert: string; readonly ca: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key, cert, ca: cert };
}
