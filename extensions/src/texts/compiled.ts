import type { Voice } from './index';

/** A catalogue as `.ci/texts` compiles it: text -> translations, one for each plural form. */
export interface Compiled {
  readonly '': { readonly language: string; readonly forms: string };
  readonly [text: string]: unknown;
}

const CONTEXT = '\u0004';
/** Rules for plurals look at the last two digits of large numbers. */
const PERIOD = 100;

export class CompiledVoice implements Voice {
  constructor(private readonly data: Compiled) {}

  get language(): string {
    return this.data[''].language;
  }

  plain(english: string, context = ''): string | undefined {
    return this.forms(context ? `${context}${CONTEXT}${english}` : english)?.[0] || undefined;
  }

  plural(one: string, _several: string, n: number): string | undefined {
    const size = Math.floor(Math.abs(n));
    const which = Number(this.data[''].forms[size < 2 * PERIOD ? size : PERIOD + (size % PERIOD)] ?? 0);
    return this.forms(one)?.[which] || undefined;
  }

  private forms(key: string): readonly string[] | undefined {
    return key && Object.hasOwn(this.data, key) ? (this.data[key] as readonly string[]) : undefined;
  }
}
