import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';
import { chosenLanguage, speakWith, type Voice } from '../texts';
import { ILanguage } from '../tokens';

const DOMAIN = 'cygnet_extensions';
const SETTINGS = '@jupyterlab/translation-extension:plugin';
/** The choice that the notebook has followed last: a language set here afterwards stays. */
const FOLLOWED = 'cygnet-language-followed';

/** Says our texts with JupyterLab's own means. */
class BundleVoice implements Voice {
  constructor(
    readonly language: string,
    private readonly bundle: TranslationBundle
  ) {}

  plain(english: string, context = ''): string {
    return context ? this.bundle._p(context, english) : this.bundle.__(english);
  }

  plural(one: string, several: string, n: number): string {
    return this.bundle._n(one, several, n);
  }
}

/** The locales that JupyterLab has texts for, such as `fr_FR`. */
async function locales(settings: ServerConnection.ISettings): Promise<string[]> {
  const url = URLExt.join(settings.baseUrl, PageConfig.getOption('translationsApiUrl') || 'lab/api/translations', '/');
  const answer = await ServerConnection.makeRequest(url, {}, settings);
  const { data } = (await answer.json()) as { data: Record<string, unknown> };
  return Object.keys(data);
}

/** Sets JupyterLab to the language that the person has chosen for the platform, once for each choice. */
async function follow(app: JupyterFrontEnd, registry: ISettingRegistry, spoken: string): Promise<void> {
  const known = await locales(app.serviceManager.serverSettings);
  const wanted = chosenLanguage(known.map(name => name.split('_')[0]!));
  if (localStorage.getItem(FOLLOWED) === wanted) {
    return;
  }
  const changes = wanted !== spoken.split('-')[0];
  if (changes) {
    const settings = await registry.load(SETTINGS);
    await settings.set('locale', known.find(name => name.split('_')[0] === wanted)!);
  }
  // Only now: a choice that could not be saved is followed the next time.
  localStorage.setItem(FOLLOWED, wanted);
  if (changes) {
    location.reload();
  }
}

/** Gives our texts their language before anything else of ours is made, and keeps JupyterLab's in step. */
export const language: JupyterFrontEndPlugin<string> = {
  id: '@cygnet/extensions:language',
  description: "Lets Cygnet's texts speak JupyterLab's language, and JupyterLab the language that the person has chosen.",
  autoStart: true,
  requires: [ITranslator],
  optional: [ISettingRegistry],
  provides: ILanguage,
  activate: (app: JupyterFrontEnd, translator: ITranslator, registry: ISettingRegistry | null): string => {
    speakWith(new BundleVoice(translator.languageCode, translator.load(DOMAIN)));
    if (registry) {
      void app.restored
        .then(() => follow(app, registry, translator.languageCode))
        .catch(reason => console.warn('Cygnet: the language stays as it is.', reason));
    }
    return translator.languageCode;
  }
};
