import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';

const TIMEOUT_MS = 10_000;

export interface OutgoingPost {
  readonly url: URL;
  /** The address that was judged: nothing is looked up again. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Posts, and answers with the status. The receiver is not trusted: no redirect is followed, its body is not read, and all
 * of it has ten seconds. TLS is verified for the name in the URL, whatever the address.
 */
export function post({ url, address, headers, body }: OutgoingPost, stopping: AbortSignal): Promise<number> {
  const { request } = url.protocol === 'https:' ? https : http;
  const options: https.RequestOptions = {
    method: 'POST',
    agent: false,
    headers: {
      ...headers,
      'content-type': 'application/json',
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
      answered(response.statusCode ?? 0);
      response.destroy();
    });
    // a timer of our own: Node 20 collects AbortSignal.any() of a timeout as garbage, and its ten seconds never end
    const patience = setTimeout(() => outgoing.destroy(new Error('no answer in time')), TIMEOUT_MS);
    outgoing.on('close', () => clearTimeout(patience));
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}
