/** Certificates of the grid. */

import { ask } from './http';

export interface Certificate {
  id: string;
  subject: string;
  /** its authority; empty: any that is accepted */
  issuer: string;
  by_administrator: boolean;
  /** seconds since 1970 */
  created: number;
  last_used: number | null;
}

export interface KnownCertificates {
  certificates: Certificate[];
  /** where connections with certificates go; empty where none are accepted */
  address: string;
  /** for whoever has a certificate, for 15 minutes */
  code: string;
  /** what the key of a certificate that is pasted signs */
  challenge: string;
}

export const certificates = (): Promise<KnownCertificates> => ask('GET', 'certificates');

export const addCertificate = (certificate: string, signature: string): Promise<Certificate> =>
  ask('POST', 'certificates', { json: { certificate, signature } });

export const removeCertificate = (id: string): Promise<void> => ask('DELETE', `certificates/${encodeURIComponent(id)}`);
