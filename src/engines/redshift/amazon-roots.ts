import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/**
 * The certificates of Amazon Trust Services, which sign those of Redshift (facts 3.9): Amazon's part of the roots that
 * come with Node, so that no other authority can vouch for a host.
 */
export function amazonRoots(): readonly string[] {
  return rootCertificates.filter((pem) => /^O=(Amazon|Starfield Technologies)/m.test(new X509Certificate(pem).subject));
}
