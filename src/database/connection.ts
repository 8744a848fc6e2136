import type pg from 'pg';

/** Words of `sslmode` that let a connection go unencrypted, or to whoever answers. */
const UNVERIFIED = ['disable', 'allow', 'prefer', 'no-verify'];
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/**
 * Options for one connection. TLS with a verified certificate, unless the server is on this machine: a URL
 * cannot turn that off. `sslrootcert=/path` in the URL names an authority of one's own.
 */
export function connectionOptions(url: string): pg.ClientConfig & { readonly connectionString: string } {
  const parsed = parseUrl(url);
  const options = { connectionTimeoutMillis: 5_000, keepAlive: true };
  if (isOnThisMachine(parsed)) return { ...options, connectionString: url };
  const mode = parsed.searchParams.get('sslmode') ?? 'verify-full';
  if (
    UNVERIFIED.includes(mode) ||
    parsed.searchParams.has('ssl') ||
    parsed.searchParams.has('uselibpqcompat')
  ) {
    throw new Error(
      'A database on another machine is reached by verified TLS only. Take "sslmode", "ssl" and "uselibpqcompat" out of ' +
        'its URL; for a certificate authority of your own add sslrootcert=/path/to/ca.pem.',
    );
  }
  parsed.searchParams.set('sslmode', 'verify-full');
  return { ...options, connectionString: parsed.href };
}

function parseUrl(url: string): URL {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Error('A database URL looks like postgresql://login:password@host:5432/name.');
  }
  return new URL(url);
}

/** `host` in the query wins over the host in front of the path, as it does in the driver. */
function isOnThisMachine({ hostname, searchParams }: URL): boolean {
  const host = searchParams.get('host') ?? hostname.replace(/^\[|\]$/g, '');
  return host.startsWith('/') || LOOPBACK.includes(host);
}
