/** The cookie that holds a person's choice of language, for every part of the platform. */
export const COOKIE = 'cygnet_language';
const YEAR = 365 * 24 * 3600;

/** The language to speak: the person's choice if they made one, else the first of the browser's that there is. */
export function chosenLanguage(known: readonly string[], cookies = document.cookie, browser = navigator.languages): string {
  const found = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`).exec(cookies);
  const wanted = [...(found ? [found[1] ?? ''] : []), ...browser].map(tag => tag.toLowerCase().split('-')[0] ?? '');
  return wanted.find(tag => known.includes(tag)) ?? 'en';
}

/** Keeps the choice in this browser. */
export function rememberLanguage(language: string): void {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `${COOKIE}=${language}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}
