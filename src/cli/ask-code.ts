import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/**
 * One line of standard input, not echoed on a terminal: a secret is typed or piped, and never an argument.
 */
export async function askCode(question: string): Promise<string> {
  const terminal = process.stdin.isTTY;
  process.stderr.write(terminal ? question : '');
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silence, terminal });
  for await (const line of lines) {
    lines.close();
    return line;
  }
  return '';
}
