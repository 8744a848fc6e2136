/**
 * A whole number as people and programs write it, `0` or digits without a leading zero, and nothing that
 * JavaScript would read as one besides (`0x10`, `1e1`, ` 5`, `+5`, `05`); undefined for everything else, and
 * outside the bounds.
 */
export function wholeNumber(text: unknown, min: number, max: number): number | undefined {
  if (typeof text !== 'string' || !/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
