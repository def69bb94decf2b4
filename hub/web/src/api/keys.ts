/** Access keys of S3. */

import { ask } from './http';

export interface AccessKey {
  id: string;
  label: string;
  /** path that it is limited to; null: none */
  folder: string | null;
  read_only: boolean;
  /** seconds since 1970 */
  created: number;
  last_used: number | null;
  expires: number | null;
}

export interface NewAccessKey extends AccessKey {
  secret: string;
  endpoint: string;
}

export interface KeyLimits {
  label: string;
  folder: string | null;
  read_only: boolean;
  /** seconds */
  ttl: number | null;
}

export interface KnownKeys {
  keys: AccessKey[];
  /** what S3 programs need; empty where S3 is not served */
  endpoint: string;
}

export const accessKeys = (): Promise<KnownKeys> => ask('GET', 'keys');

export const makeAccessKey = (limits: KeyLimits): Promise<NewAccessKey> => ask('POST', 'keys', { json: limits });

export const removeAccessKey = (id: string): Promise<void> => ask('DELETE', `keys/${encodeURIComponent(id)}`);
