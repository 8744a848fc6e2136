import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import { Errors } from 'typebox/value';
import { check } from '../../protocol/encoding/check.js';
import { parseProfile } from '../../protocol/directory/profile.js';
import { Refused } from '../../protocol/encoding/errors.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../protocol/schemas/example-profile.js';
import { ServiceProfile } from '../../protocol/schemas/service-profile.js';

/**
 * A member of a profile that is in no form that has one meaning: which, and how one that is right looks.
 * @example
 * try {
 *   normalProfile(profile);
 * } catch (error) {
 *   if (error instanceof ProfileRefused) show(error.pointer, error.example);
 * }
 */
export class ProfileRefused extends Refused {
  /** Of the same member, or of what it may hold; undefined where nothing belongs there. */
  readonly example: unknown;

  constructor(check: string, pointer: string) {
    super(check, pointer);
    this.example = exampleAt(pointer);
    if (this.example !== undefined) this.message += `, for example ${JSON.stringify(this.example)}`;
  }
}

/**
 * A profile with every value as people write it in its one form: telephone numbers international, hours as
 * `HH:MM`, web addresses with their scheme, codes in their capitals, nothing twice. What has no such form
 * stays as it is.
 * @throws ProfileRefused which names the first member that a reader would refuse
 * @example
 * const normal = normalProfile(profile); // '0470 12 34 56' is '+32 470 12 34 56' now
 */
export function normalProfile(written: ServiceProfile): ServiceProfile {
  const profile = walk(written, [], countryOf(written)) as ServiceProfile;
  if (!check(ServiceProfile, profile)) throw new ProfileRefused('profile', misfitOf(profile));
  try {
    return parseProfile(JSON.stringify(profile));
  } catch (error) {
    const at = error instanceof Refused ? PLACES.get(error.check) : undefined;
    throw error instanceof Refused && at !== undefined ? new ProfileRefused(error.check, at) : error;
  }
}

/** What a schema does not say, and where it is wrong. */
const PLACES = new Map([
  ['term', '/terms'],
  ['hours', '/hours'],
  ['questions', '/intake/questions'],
]);

/** Undefined where there is none. */
type Form = (text: string, country: string | undefined) => string | undefined;

const capitals: Form = (text) => text.toUpperCase();

/** The one form of what stands at a path; `*` is any place in a list. */
const FORMS = new Map<string, Form>([
  ['url', webAddress],
  ['email', mailAddress],
  ['phones/*/number', telephone],
  ['languages/*', languageTag],
  ['hours/*/opensAt', timeOfDay],
  ['hours/*/closesAt', (text) => timeOfDay(text)?.replace('24:00', '00:00')],
  ['hours/*/byday/*', capitals],
  ['location/address/postcode', postcode],
  ['location/address/country', capitals],
  ['area/*', postcode],
  ['terms/*', (text) => text.toLowerCase()],
]);
/** A field that somebody has emptied is one that is not there. */
const MAY_BE_EMPTY = ['url', 'email', 'location/address/line2'];

type Path = readonly (string | number)[];

function placeOf(path: Path): string {
  return path.map((part) => (typeof part === 'number' ? '*' : part)).join('/');
}

function walk(value: unknown, path: Path, country: string | undefined): unknown {
  if (typeof value === 'string') {
    const form = FORMS.get(placeOf(path));
    if (!form) return value;
    const pointer = `/${path.join('/')}`;
    return form(value.trim(), country) ?? refuseAt(pointer);
  }
  if (Array.isArray(value)) return unique(value.map((item, i) => walk(item, [...path, i], country)));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value as Record<string, unknown>).filter(
    ([name, member]) => !(MAY_BE_EMPTY.includes(placeOf([...path, name])) && isEmpty(member)),
  );
  return Object.fromEntries(members.map(([name, member]) => [name, walk(member, [...path, name], country)]));
}

function refuseAt(pointer: string): never {
  throw new ProfileRefused('profile', pointer);
}

function isEmpty(member: unknown): boolean {
  return typeof member === 'string' && member.trim() === '';
}

/** Two ways of writing the same thing are one thing. */
function unique(items: readonly unknown[]): unknown[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** Whoever fills in a form has not filled in all of it. */
function countryOf(profile: object): string | undefined {
  const { location } = profile as { location?: { address?: { country?: unknown } | null } | null };
  const country = location?.address?.country;
  return typeof country === 'string' ? country.trim().toUpperCase() : undefined;
}

/**
 * International where the country is known, else the digits as they were grouped; short numbers are called as
 * they are.
 */
function telephone(text: string, country: string | undefined): string | undefined {
  const digits = text
    .replace(/[\s./()-]+/g, ' ')
    .trim()
    .replace(/^00 ?/, '+');
  const bare = digits.replaceAll(' ', '');
  if (!/^[+]?[0-9]{2,15}$/.test(bare)) return undefined;
  if (/^[0-9]{2,6}$/.test(bare)) return bare;
  if (!bare.startsWith('+') && !isCountry(country)) return digits;
  const parsed = parsePhoneNumberFromString(digits, {
    ...(isCountry(country) && { defaultCountry: country }),
    extract: false,
  });
  return parsed?.isPossible() === true ? parsed.formatInternational() : undefined;
}

function isCountry(country: string | undefined): country is CountryCode {
  return country !== undefined && isSupportedCountry(country);
}

/** With its scheme, if it has none, and in the form in which browsers ask for it. */
function webAddress(text: string): string | undefined {
  const address = /^[a-z][a-z0-9+.-]*:[/][/]/i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return undefined;
  const { href, origin } = new URL(address);
  return address.toLowerCase() === origin ? origin : href;
}

/** Of an address's two halves only the domain has no capitals (RFC 5321, section 2.4). */
function mailAddress(text: string): string {
  const address = text.replace(/^mailto:/i, '');
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at + 1)}${address.slice(at + 1).toLowerCase()}`;
}

function languageTag(text: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(text.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}

/** `9h`, `9h30`, `9.30`, `09:30:00` → `09:30`; the end of a day is 24:00. */
function timeOfDay(text: string): string | undefined {
  const [, hour, minute = '00'] = /^(\d{1,2})\s?(?:[h:.]\s?(\d{2})?(?:[:.]00)?)?$/i.exec(text) ?? [];
  return hour === undefined ? undefined : `${hour.padStart(2, '0')}:${minute}`;
}

/**
 * As its country writes it: in Belgium four digits, also behind the old `B-`; elsewhere with one space where
 * there were some.
 */
function postcode(text: string, country: string | undefined): string {
  const code = text.toUpperCase().replace(/\s+/g, ' ');
  const [, digits] = /^(?:BE?[- ]?)?((?:\d ?){3}\d)$/.exec(code) ?? [];
  if (country === 'BE' && digits !== undefined) return digits.replaceAll(' ', '');
  return country === 'NL' ? code.replace(/^(\d{4}) ?([A-Z]{2})$/, '$1 $2') : code;
}

/** The deepest member that is wrong: of a choice of forms the one that was meant. */
function misfitOf(profile: unknown): string {
  const pointers = [...Errors(ServiceProfile, profile)].map((error) => {
    const missing = error.keyword === 'required' ? error.params.requiredProperties[0] : undefined;
    const unknown =
      error.keyword === 'additionalProperties' ? error.params.additionalProperties[0] : undefined;
    const name = missing ?? unknown;
    return name === undefined ? error.instancePath : `${error.instancePath}/${escaped(name)}`;
  });
  const depth = (pointer: string): number => pointer.split('/').length;
  return pointers.reduce((deepest, each) => (depth(each) > depth(deepest) ? each : deepest), '');
}

/** RFC 6901, section 3. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What stands in the same place of the complete example. */
function exampleAt(pointer: string): unknown {
  let at: unknown = SERVICE_PROFILE_EXAMPLE;
  for (const part of pointer.split('/').slice(1)) {
    if (Array.isArray(at)) at = (at as unknown[])[0];
    else if (typeof at === 'object' && at !== null)
      at = Object.hasOwn(at, part) ? (at as Record<string, unknown>)[part] : undefined;
    else return undefined;
  }
  return at;
}
