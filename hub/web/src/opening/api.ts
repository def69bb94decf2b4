/** Links of the kind "open in Cygnet": what they lead to, and how they are written. */

import { ask } from '../api/http';
import type { Me, Node } from '../api/types';

export interface Environment {
  id: string;
  title: string;
  description: string;
}

/** Which software the hub offers, and which the person's server runs with. */
export interface Choices {
  environments: Environment[];
  running: string | null;
}

/** What such a link names: a file of somebody's tree, a public link, or a notebook of the gallery. */
export interface Target {
  /** id of a file, the same for everybody who has it */
  file?: string;
  path?: string;
  /** token of a public link */
  link?: string;
  /** id of an entry of the gallery */
  gallery?: string;
  environment?: string;
}

export const TARGETS = ['file', 'path', 'link', 'gallery', 'environment'] as const satisfies readonly (keyof Target)[];

/** A node of one's own, or the share that has to be accepted first. */
export const found = (target: Target): Promise<{ node: Node | null; share: string | null }> =>
  ask('GET', 'open', { query: target.file ? { file: target.file } : { path: target.path } });

export const copyFromLink = (token: string, destination: string): Promise<Node> =>
  ask('POST', `public/${encodeURIComponent(token)}/copy`, { json: { destination } });

/** Without an answer of the hub there is no choice, which is no reason not to open anything. */
export async function choices(me: Me): Promise<Choices> {
  try {
    const answer = await fetch(`${me.hub_url}open/choices`, { credentials: 'same-origin' });
    if (answer.ok) return (await answer.json()) as Choices;
  } catch {
    // told below
  }
  return { environments: [], running: null };
}

export function openLink(me: Me, target: Target): string {
  const query = new URLSearchParams();
  for (const name of TARGETS) if (target[name]) query.set(name, target[name]);
  return `${new URL(me.hub_url, location.href).href}open?${query}`;
}

/** For a README: a picture that leads here. */
export function badge(site: string, link: string): string {
  return `[![Open in Cygnet](${new URL(`${site}open-in-cygnet.svg`, location.href).href})](${link})`;
}
