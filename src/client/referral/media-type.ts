import { refuse } from '../../protocol/encoding/errors.js';

const UNKNOWN = 'application/octet-stream';
const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
const NAME = '[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}';
const MEDIA_TYPE = new RegExp(
  `^(${NAME}/${NAME})((?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"[^"\\\\]*"))*)[ \\t]*$`,
);

/**
 * A file's media type in its one form (RFC 9110, section 8.3.1): type and names of parameters in small
 * letters, no spaces between. A type that is not known is that of plain bytes; what is no media type is
 * refused, by the member's pointer.
 */
export function mediaTypeOf(text: string, pointer?: string): string {
  if (text.trim() === '') return UNKNOWN;
  const [, type, parameters] = MEDIA_TYPE.exec(text.trim()) ?? refuse('attachment-type', pointer);
  const written = `${type}`.toLowerCase() + oneForm(`${parameters}`);
  return written.length <= 200 ? written : refuse('attachment-type', pointer);
}

function oneForm(parameters: string): string {
  const parts = parameters.matchAll(new RegExp(`(${TOKEN})=(${TOKEN}|"[^"\\\\]*")`, 'g'));
  return Array.from(parts, ([, name = '', value = '']) => `;${name.toLowerCase()}=${value}`).join('');
}
