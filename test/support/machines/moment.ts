/**
 * What brings the moment of `npm run test:moments` to a process that a test starts: nothing at other times.
 */
export const MOMENT: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && process.env['RELAIS_MOMENT'] !== undefined && isOfTime(name)
      ? [[name, value]]
      : [],
  ),
);

function isOfTime(name: string): boolean {
  return ['LD_PRELOAD', 'TZ', 'DONT_FAKE_MONOTONIC'].includes(name) || name.startsWith('FAKETIME');
}
