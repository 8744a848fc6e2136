import { connect, type Socket } from 'node:net';

export interface Spoken {
  readonly socket: Socket;
  /** All that was heard, once the other side has closed. */
  readonly heard: Promise<string>;
}

/** Says bytes as no client library would, and leaves the line open. */
export function speak(address: string, bytes: string | Uint8Array): Spoken {
  const { port, hostname } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  const heard = new Promise<string>((done) => {
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => done(text));
  });
  return { socket, heard };
}

/** The answer to one request after which the line is closed. */
export async function answerTo(address: string, bytes: string | Uint8Array): Promise<string> {
  return speak(address, bytes).heard;
}

/** A request head in HTTP/1.1; the line closes after the answer. */
export function head(line: string, headers: Readonly<Record<string, string | number>> = {}): string {
  const all = { host: 'relais', connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
