/** Scripts in use today (UAX 31, tables 5 and 7); a letter of any other is of none. */
const SCRIPTS =
  'Adlm Arab Armn Beng Bopo Cans Cher Cyrl Deva Ethi Geor Grek Gujr Guru Hang Hani Hebr Hira Kana Khmr ' +
  'Knda Laoo Latn Mlym Mong Mymr Nkoo Orya Sinh Syrc Taml Telu Tfng Thaa Thai Tibt';
/** Written together: what UTS 39 calls *highly restrictive*. */
const TOGETHER = [
  ...SCRIPTS.split(' ').map((script) => only([script])),
  only(['Latn', 'Hani', 'Hira', 'Kana']),
  only(['Latn', 'Hani', 'Bopo']),
  only(['Latn', 'Hani', 'Hang']),
];
/** What the script of a language is called where it stands for several. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  Jpan: ['Hani', 'Hira', 'Kana'],
  Kore: ['Hang', 'Hani'],
  Hans: ['Hani'],
  Hant: ['Hani', 'Bopo'],
};

/**
 * Why somebody should look twice at a name: letters of several scripts in it; letters of a script in which
 * none of the network's languages is written; letters that Unicode has for compatibility alone, and that look
 * like others.
 */
export type NameWarning = 'mixed-script' | 'other-script' | 'look-alike';

/** A name that somebody is about to rely on, and why to look twice at it. */
export interface UnusualName {
  readonly name: string;
  readonly warnings: readonly NameWarning[];
}

/**
 * What is unusual about a name in a network of these languages (BCP 47). Nothing is refused for it.
 * @example
 * show(nameWarnings('Сlinique', charter.languages)); // ['mixed-script']: its first letter is Cyrillic
 */
export function nameWarnings(name: string, languages: readonly string[]): NameWarning[] {
  const isMixed = !TOGETHER.some((script) => script.test(name));
  const isOther = !isMixed && !only(languages.flatMap(scriptsOf)).test(name);
  return [
    ...(isMixed ? ['mixed-script' as const] : []),
    ...(isOther ? ['other-script' as const] : []),
    ...(hasLookAlikes(name) ? ['look-alike' as const] : []),
  ];
}

/** Those of some names that are unusual. */
export function unusualNames(names: readonly string[], languages: readonly string[]): UnusualName[] {
  return [...new Set(names)]
    .map((name) => ({ name, warnings: nameWarnings(name, languages) }))
    .filter(({ warnings }) => warnings.length > 0);
}

/** A name in these scripts; signs that every script uses count as any of them. */
function only(scripts: readonly string[]): RegExp {
  const all = ['Zyyy', 'Zinh', ...scripts].map((script) => `\\p{scx=${script}}`);
  return new RegExp(`^[${all.join('')}]*$`, 'u');
}

function hasLookAlikes(name: string): boolean {
  return (name.match(/[\p{L}\p{N}]/gu) ?? []).some(
    (sign) => sign.normalize('NFKC') !== sign.normalize('NFC'),
  );
}

/**
 * The script of a language, by the engine's own list; Latin besides, in which every network writes addresses
 * and codes.
 */
function scriptsOf(language: string): readonly string[] {
  const [tag = 'und'] = /^[a-z]{2,3}(-[A-Za-z]{4}(?=-|$))?/.exec(language) ?? [];
  const { script = 'Latn' } = new Intl.Locale(tag).maximize();
  return ['Latn', ...(PARTS[script] ?? [script])];
}
