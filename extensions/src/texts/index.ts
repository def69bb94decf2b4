/** Texts in the language of the person. English is the key; the catalogues come from `.ci/texts`. */

export { CompiledVoice, type Compiled } from './compiled';
export { size } from './size';
export { chosenLanguage, COOKIE, rememberLanguage } from './choice';

export type Values = Readonly<Record<string, string | number>>;

/** Says English texts in another language; nothing where it has no words of its own. */
export interface Voice {
  /** a tag of BCP 47, for example `fr` */
  readonly language: string;
  plain(english: string, context?: string): string | undefined;
  plural(one: string, several: string, n: number): string | undefined;
}

const ENGLISH: Voice = { language: 'en', plain: () => undefined, plural: () => undefined };

let voice = ENGLISH;

/** From now on, texts are said by `next`. To be called before anything is drawn. */
export function speakWith(next: Voice): void {
  voice = next;
}

/** What numbers and dates are written for: the person's own region when it speaks the language of the texts. */
export function locale(): string {
  const own = navigator.languages.find(tag => tag.toLowerCase().split('-')[0] === voice.language.split('-')[0]);
  return own ?? voice.language;
}

/** The language of the texts, for example `fr`. */
export const language = (): string => voice.language;

/** A number with the separators of the person's region. */
export const number = (n: number, style?: Intl.NumberFormatOptions): string => n.toLocaleString(locale(), style);

function fill(sentence: string, values: Values): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number(value) : value;
  });
}

/** A text; `{name}` in it stands for a value. */
export function t(english: string, values: Values = {}): string {
  return fill(voice.plain(english) ?? english, values);
}

/** A text that depends on a number, which it has as `{n}`. */
export function tn(one: string, several: string, n: number, values: Values = {}): string {
  return fill(voice.plural(one, several, n) ?? (n === 1 ? one : several), { n, ...values });
}

/** A text that means different things in different places; `context` says which. */
export function tc(context: string, english: string, values: Values = {}): string {
  return fill(voice.plain(english, context) ?? english, values);
}

/** Marks a text that is said later, by `t`: for constants, which are made before the language is known. */
export const mark = (english: string): string => english;

/** A text with elements in it: each `{name}` becomes what `parts` has for it. */
export function rich<T>(english: string, parts: Readonly<Record<string, T>>): (string | T)[] {
  const sentence = voice.plain(english) ?? english;
  return sentence
    .split(/(\{\w+\})/)
    .filter(piece => piece !== '')
    .map(piece => parts[piece.slice(1, -1)] ?? piece);
}
