import { transfer, type Transfer } from '../api/files';
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

/**
 * Moves or copies entries into a folder, asking where names are taken.
 *
 * @returns from where to where, for each that was not skipped
 */
export async function transferAll({ how, paths, folder, taken, ask }: Job): Promise<[from: string, to: string][]> {
  const done: [string, string][] = [];
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
    await transfer(how, path, to, answer === 'replace');
    taken.add(basename(to).normalize());
    done.push([path, to]);
  }
  return done;
}
