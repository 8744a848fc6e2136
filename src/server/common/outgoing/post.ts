import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';

const TIMEOUT_MS = 10_000;
/** More than any answer that we read has. */
const MOST_BYTES = 4096;

export interface OutgoingPost {
  readonly url: URL;
  /** The address that was judged: nothing is looked up again. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OutgoingAnswer {
  readonly status: number;
  /** Its first bytes, where they were asked for. */
  readonly text: string;
}

/** Posts, and answers with the status; what the receiver says is not read. */
export async function post(what: OutgoingPost, stopping: AbortSignal): Promise<number> {
  return (await ask(what, stopping, 0)).status;
}

/**
 * Posts, and answers with what was said, up to a few kilobytes. The receiver is not trusted: no redirect is
 * followed, and all of it has ten seconds. TLS is verified for the name in the URL, whatever the address.
 */
export function ask(
  { url, address, headers, body }: OutgoingPost,
  stopping: AbortSignal,
  most = MOST_BYTES,
): Promise<OutgoingAnswer> {
  const { request } = url.protocol === 'https:' ? https : http;
  const options: https.RequestOptions = {
    method: 'POST',
    agent: false,
    headers: {
      ...headers,
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Relais',
    },
    lookup: (_host, { all }, found) => {
      if (all === true) found(null, [{ address, family: isIP(address) }]);
      else found(null, address, isIP(address));
    },
    signal: stopping,
  };
  return new Promise((answered, failed) => {
    const outgoing = request(url, options, (response) => {
      const parts: Buffer[] = [];
      const end = (): void => {
        answered({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8', 0, most) });
        response.destroy();
      };
      if (most === 0) end();
      let length = 0;
      response.on('data', (part: Buffer) => {
        parts.push(part);
        length += part.length;
        if (length >= most) end();
      });
      response.on('end', end);
      response.on('error', failed);
    });
    // a timer of our own: Node 20 collects AbortSignal.any() of a timeout as garbage, and its ten seconds
    // never end
    const patience = setTimeout(() => outgoing.destroy(new Error('no answer in time')), TIMEOUT_MS);
    outgoing.on('close', () => clearTimeout(patience));
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}
