import { locale, mark, rich, t } from '../texts';
import type { Notice, NoticeKind } from './types';

/** A moment as people read it; `seconds` since 1970. */
export function moment(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' });
}

const STEPS: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute']
];

/** "5 minutes ago", "yesterday"; after a week the date. */
export function ago(seconds: number, now = Date.now() / 1000): string {
  const past = now - seconds;
  if (past > 7 * 86_400) {
    return new Date(seconds * 1000).toLocaleDateString(locale(), { dateStyle: 'medium' });
  }
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  const [size, unit] = STEPS.find(([step]) => past >= step) ?? [1, 'second' as const];
  return words.format(unit === 'second' ? 0 : -Math.floor(past / size), unit);
}

const SENTENCES: Record<NoticeKind, string> = {
  share: mark('{who} shares {item} with you.'),
  invitation: mark('{who} invites you to {group}.'),
  handout: mark('{who} handed out {item} in {group}.'),
  update: mark('{item} in {group} has a new version.'),
  due: mark('{item} in {group} is due {moment}, and you have not handed it in.'),
  deadline: mark('{item} in {group} is now due {moment}.'),
  collected: mark('The deadline of {item} in {group} is over: {words} handed in.'),
  result: mark('{who} gave back {item} in {group}.'),
  quota: mark('Your files are nearly full. Delete something before nothing more can be stored.'),
  token: mark('The access key {item} ends {moment}. Programs that use it need a new one then.'),
  mount: mark('A notebook server has trouble with your files: {words}')
};
const FULL = mark('Your files are full: nothing more can be stored until you delete something.');
const SERVER_ENDED = mark('A notebook server cannot reach your files any more. Stop it and start it again.');
const NO_DEADLINE = mark('{item} in {group} has no deadline any more.');

function sentenceOf({ kind, words, moment: when }: Notice): string {
  if (kind === 'quota' && words === 'full') {
    return FULL;
  }
  if (kind === 'token' && words === 'server') {
    return SERVER_ENDED;
  }
  return kind === 'deadline' && when === null ? NO_DEADLINE : SENTENCES[kind];
}

function partsOf(notice: Notice): Record<string, string> {
  return {
    who: notice.who?.display_name ?? t('Somebody'),
    item: `“${notice.item}”`,
    group: notice.group,
    moment: notice.moment === null ? '' : moment(notice.moment),
    words: notice.words
  };
}

/** What happened, in one sentence. */
export function say(notice: Notice): string {
  return t(sentenceOf(notice), partsOf(notice));
}

/** The same, with the names set off. */
export function Sentence({ notice }: { readonly notice: Notice }): JSX.Element {
  const { who, item, group, moment: when, words } = partsOf(notice);
  const parts = { who: <b key="who">{who}</b>, item: <b key="item">{item}</b>, group: <b key="group">{group}</b> };
  return <>{rich<JSX.Element | string>(sentenceOf(notice), { ...parts, moment: when ?? '', words: words ?? '' })}</>;
}

/** What somebody wrote beside it: a message, a deadline, a mark. */
export function extra({ kind, words, moment: when }: Notice): string {
  if (kind === 'share') {
    return words;
  }
  if (kind === 'handout' && when !== null) {
    return t('Due {moment}', { moment: moment(when) });
  }
  return kind === 'result' && words ? t('Mark: {mark}', { mark: words }) : '';
}

const ACTIONS: Partial<Record<NoticeKind, string>> = {
  share: mark('Look'),
  invitation: mark('Answer'),
  handout: mark('Open class'),
  update: mark('Open class'),
  due: mark('Open class'),
  deadline: mark('Open class'),
  collected: mark('Open class'),
  result: mark('Open class'),
  quota: mark('Make room'),
  token: mark('Put it right')
};

/** What the button of a notice says; empty where there is nothing to do. */
export function actionOf({ kind }: Notice): string {
  const words = ACTIONS[kind];
  return words ? t(words) : '';
}
