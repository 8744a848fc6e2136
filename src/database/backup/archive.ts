import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createGunzip, createGzip } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';
import { extract, pack, type Pack } from 'tar-stream';

/** A part of a backup: never larger than a few megabytes, so that neither side holds all of it. */
export interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Parts as a tar archive, compressed by gzip and encrypted by age (age-encryption.org/v1) to each recipient:
 * other tools open it as well. Nothing unencrypted touches a disk.
 */
export async function writeArchive(
  parts: AsyncIterable<Part>,
  recipients: readonly string[],
): Promise<Readable> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const tar = pack();
  const zip = createGzip();
  addAll(tar, parts).catch((error: unknown) => tar.destroy(error as Error));
  Readable.from(tar)
    .on('error', (error) => zip.destroy(error))
    .pipe(zip);
  const sealed = await encrypter.encrypt(Readable.toWeb(zip) as globalThis.ReadableStream<Uint8Array>);
  return Readable.fromWeb(sealed as unknown as ReadableStream);
}

/** The parts of an archive, in their order. Throws for a file that was changed or cut, or another key. */
export async function* readArchive(source: Readable, identity: string): AsyncGenerator<Part, void> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const opened = await decrypter.decrypt(Readable.toWeb(source) as globalThis.ReadableStream<Uint8Array>);
  const tar = extract();
  const zip = createGunzip();
  Readable.fromWeb(opened as unknown as ReadableStream)
    .on('error', (error) => zip.destroy(error))
    .pipe(zip)
    .on('error', (error) => tar.destroy(error))
    .pipe(tar);
  for await (const entry of tar) {
    const bytes: Uint8Array[] = [];
    for await (const chunk of entry) bytes.push(chunk as Uint8Array);
    yield { name: entry.header.name, bytes: Buffer.concat(bytes) };
  }
}

async function addAll(tar: Pack, parts: AsyncIterable<Part>): Promise<void> {
  for await (const { name, bytes } of parts)
    await new Promise<void>((done, failed) => {
      const sink = tar.entry({ name, size: bytes.length, mode: 0o600 }, (error) =>
        error ? failed(error) : done(),
      );
      sink.end(bytes);
    });
  tar.finalize();
}
