/** The language of the site: its catalogue is loaded before anything is drawn. */

import { chosenLanguage, CompiledVoice, language, rememberLanguage, speakWith, type Compiled } from '@cygnet/texts';

const FILES = import.meta.glob<string>('../../../../fs-bridge/src/cygnet_fs_bridge/locale/*.json', {
  query: '?url', import: 'default', eager: true,
});
const CATALOGUES = new Map(Object.entries(FILES).map(([file, address]) => [/([\w-]+)\.json$/.exec(file)![1], address]));

/** What people can choose from, each by its own name. */
export const LANGUAGES = ['en', ...CATALOGUES.keys()].map(code => ({ code, name: nameOf(code) }));

function nameOf(code: string): string {
  const name = new Intl.DisplayNames(code, { type: 'language' }).of(code) ?? code;
  return name.slice(0, 1).toLocaleUpperCase(code) + name.slice(1);
}

export async function startLanguage(): Promise<void> {
  const chosen = chosenLanguage(LANGUAGES.map(one => one.code));
  const address = CATALOGUES.get(chosen);
  if (address) {
    // A catalogue that cannot be loaded is no reason to show nothing.
    const data = await fetch(new URL(address, document.baseURI)).then(answer => answer.json() as Promise<Compiled>).catch(() => null);
    if (data) speakWith(new CompiledVoice(data));
  }
  document.documentElement.lang = language();
}

/** Changes the language here, in the notebook and on the hub's pages, which remember it for the person. */
export function chooseLanguage(code: string, hubUrl: string): void {
  rememberLanguage(code);
  const back = encodeURIComponent(location.pathname + location.search);
  location.assign(`${hubUrl}language?next=${back}`);
}
