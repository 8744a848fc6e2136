/** How often a test of chance repeats: the long run, `RELAIS_LONG=1`, looks where the quick one cannot. */
export function rounds(quick: number, long: number): number {
  return process.env['RELAIS_LONG'] === '1' ? long : quick;
}
