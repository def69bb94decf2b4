import { transfer, type Transfer } from '../api/files';
import { ApiError, inWords } from '../api/http';
import { basename, freeName, join } from '../lib/paths';
import type { ConflictAnswer } from './ConflictDialog';

type Answer = ConflictAnswer['answer'];
export type AskConflict = (name: string, folder: string, left: number) => Promise<ConflictAnswer>;

interface Job {
  how: Transfer;
  paths: readonly string[];
  folder: string;
  /** names in the folder; grows with what comes in */
  taken: Set<string>;
  ask: AskConflict;
}

/** What came of it: from where to where, and what could not be moved or copied, with the words why. */
export interface Transferred {
  done: [from: string, to: string][];
  failed: [path: string, why: string][];
}

/** Nothing else would work either: the service is away, or the session has ended. */
const ends = (cause: unknown): boolean => !(cause instanceof ApiError) || cause.status === 0 || cause.status === 401;

/** Moves or copies entries into a folder, asking where names are taken. One that fails does not stop the others. */
export async function transferAll({ how, paths, folder, taken, ask }: Job): Promise<Transferred> {
  const done: Transferred['done'] = [];
  const failed: Transferred['failed'] = [];
  let always: Answer | null = null;
  for (const [at, path] of paths.entries()) {
    const name = basename(path);
    let answer: Answer = 'both';
    if (taken.has(name.normalize()) && how === 'copy' && path === join(folder, name)) {
      answer = 'both'; // a copy beside itself can only be a second one
    } else if (taken.has(name.normalize())) {
      const said: ConflictAnswer = always ? { answer: always, always: true } : await ask(name, folder, paths.length - at - 1);
      if (said.always) always = said.answer;
      answer = said.answer;
    }
    if (answer === 'skip') continue;
    const to = join(folder, answer === 'replace' ? name : freeName(name, taken));
    try {
      await transfer(how, path, to, answer === 'replace');
    } catch (cause) {
      failed.push([path, inWords(cause)]);
      if (ends(cause)) break;
      continue;
    }
    taken.add(basename(to).normalize());
    done.push([path, to]);
  }
  return { done, failed };
}
