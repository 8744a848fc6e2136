import { textHash, type Charter } from '../../protocol/registry/charter.js';
import { refuse } from '../../protocol/encoding/errors.js';
import refer1 from '../../protocol/consent/notices/refer-1.json' with { type: 'json' };
import type { ConsentRecord } from '../../protocol/schemas/consent-record.js';

/** The notice that is read to a person who is passed on. */
export const REFERRAL_NOTICE = 'refer';

/** The wordings that come with this software, by family and version. */
const TEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = { 'refer@1': refer1 };

/** The newest version of a notice that the network has voted in this language. */
export function newestNotice(charter: Charter, language: string, family: string): ConsentRecord['notice'] {
  const versions = Object.entries(charter.notices)
    .filter(([name, texts]) => name.startsWith(`${family}@`) && Object.hasOwn(texts, language))
    .map(([name, texts]) => ({
      version: Number(name.slice(family.length + 1)),
      sha256: texts[language] ?? '',
    }))
    .sort((a, b) => a.version - b.version);
  return { family, language, ...(versions.at(-1) ?? refuse('notice')) };
}

/** The wording that a consent names, where it comes with this software and has that very hash. */
export function knownNotice({
  family,
  version,
  language,
  sha256,
}: ConsentRecord['notice']): string | undefined {
  const text = TEXTS[`${family}@${version}`]?.[language];
  return text !== undefined && textHash(text) === sha256 ? text : undefined;
}

/**
 * The words to be read out before a person decides, in their language: the very text that the network has
 * voted. Refuses where the charter shows another wording, or a language, that does not come with this
 * software.
 * @throws Refused `notice` where the network has voted other words, or none in this language
 * @example
 * show(noticeText(charter, 'fr')); // read out before the person decides
 */
export function noticeText(charter: Charter, language: string, family = REFERRAL_NOTICE): string {
  const { version, sha256 } = newestNotice(charter, language, family);
  const text = TEXTS[`${family}@${version}`]?.[language] ?? refuse('notice');
  return textHash(text) === sha256 ? text : refuse('notice');
}
