import { describe, expect, it } from '@jest/globals';
import { connectionOptions } from '../../src/database/connection.js';

const REMOTE = 'postgresql://relais:secret@db.example.org/relais';

describe('the options of a connection', () => {
  it('ask another machine for a verified certificate, whatever the URL says', () => {
    expect(connectionOptions(REMOTE).connectionString).toBe(`${REMOTE}?sslmode=verify-full`);
    expect(connectionOptions(`${REMOTE}?sslmode=require`).connectionString).toBe(
      `${REMOTE}?sslmode=verify-full`,
    );
    expect(connectionOptions(`${REMOTE}?sslrootcert=/etc/ca.pem`).connectionString).toMatch(
      /sslmode=verify-full$/,
    );
  });

  it.each([
    'sslmode=disable',
    'sslmode=no-verify',
    'sslmode=prefer',
    'ssl=0',
    'uselibpqcompat=true&sslmode=require',
  ])('refuse %s on another machine', (query) => {
    expect(() => connectionOptions(`${REMOTE}?${query}`)).toThrow(/verified TLS only/);
  });

  it('let a socket and this machine go without', () => {
    for (const url of [
      'postgresql://relais:secret@localhost/relais?host=%2Frun%2Fpostgresql',
      'postgresql://relais:secret@127.0.0.1:5432/relais',
      'postgresql://relais:secret@[::1]:5432/relais',
    ]) {
      expect(connectionOptions(url).connectionString).toBe(url);
    }
  });

  it('are not led astray by a host in the query', () => {
    const url = 'postgresql://relais:secret@localhost/relais?host=db.example.org';
    expect(connectionOptions(url).connectionString).toMatch(/sslmode=verify-full$/);
  });

  it('refuse what is no database URL, without repeating it', () => {
    expect(() => connectionOptions('mysql://relais:secret@localhost/relais')).toThrow(
      /looks like postgresql/,
    );
    expect(() => connectionOptions('mysql://relais:secret@localhost/relais')).not.toThrow(/secret/);
  });
});
