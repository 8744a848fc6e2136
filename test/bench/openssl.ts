import { spawnSync } from 'node:child_process';

/** Seconds that one verification of Ed25519 takes in OpenSSL, on one core. */
export function opensslVerifySeconds(): number {
  const { stdout } = spawnSync('openssl', ['speed', '-seconds', '2', 'ed25519'], { encoding: 'utf8' });
  const [, perSecond] = /Ed25519\)?\s+[\d.]+s\s+[\d.]+s\s+[\d.]+\s+([\d.]+)/.exec(stdout) ?? [];
  if (perSecond === undefined) throw new Error('openssl speed ed25519 said nothing that can be read');
  return 1 / Number(perSecond);
}

/** Seconds that one SHA-256 of so many bytes takes in OpenSSL’s own loop, on one core. */
export function opensslHashSeconds(bytes: number): number {
  const args = ['speed', '-seconds', '1', '-bytes', String(bytes), '-evp', 'sha256'];
  const { stdout } = spawnSync('openssl', args, { encoding: 'utf8' });
  const [, kilobytes] = /^sha256\s+([\d.]+)k/im.exec(stdout) ?? [];
  if (kilobytes === undefined) throw new Error('openssl speed sha256 said nothing that can be read');
  return bytes / (Number(kilobytes) * 1000);
}
