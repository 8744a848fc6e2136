import { describe, expect, it } from '@jest/globals';
import decodeQR from 'qr/decode.js';
import encodeQR from 'qr';
import { printedReceipt, translations, type PrintedReceiptOptions } from '../../src/client/index.js';
import { newCode } from '../../src/protocol/encoding/codes.js';

const LANGUAGES = ['fr', 'nl', 'en', 'ar'] as const;
const SCALE = 4;
const OF: Omit<PrintedReceiptOptions, 'language'> = {
  code: newCode(),
  address: 'https://relais.example',
  sendUntil: '2026-12-10',
  keepUntil: '2027-03-26',
  wordChosen: true,
  format: 'a4',
};

describe('the printed receipt', () => {
  it.each(LANGUAGES)('holds the code, the address, two dates and how to use them, in %s', (language) => {
    const html = printedReceipt({ ...OF, language });
    const { paper } = translations(language);
    for (const group of OF.code.split('-')) expect(html).toContain(`<span>${group}</span>`);
    for (const text of [paper.first, paper.second, paper.word, 'relais.example/receipt', '2027'])
      expect(html).toContain(text);
    expect(html).toContain(language === 'ar' ? 'dir="rtl"' : 'dir="ltr"');
    expect(html).not.toMatch(/<script|<img|src=|url\(|\{address\}/);
  });

  it.each(LANGUAGES)('says nothing of what it is about, in %s', (language) => {
    const html = printedReceipt({ ...OF, language });
    expect(html).not.toMatch(
      /consent|accord|toestemming|موافق|health|santé|gezondheid|صح|referral|clini|logo/i,
    );
  });

  it('has a square that others read as the page with the code behind #', () => {
    const text = `${OF.address}/receipt#${OF.code}`;
    const html = printedReceipt({ ...OF, language: 'fr' });
    const drawn = encodeQR(text, 'svg', { ecc: 'medium', border: 4 });
    expect(html).toContain(drawn.slice(drawn.indexOf('<path'), drawn.indexOf('</svg>')));
    const raw = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
    const width = raw.length * SCALE;
    const pixels = Array.from({ length: width * width }, (_, at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      return raw[Math.floor(y / SCALE)]?.[Math.floor(x / SCALE)] ? 0 : 255;
    });
    const image = {
      width,
      height: width,
      data: Uint8Array.from(pixels.flatMap((grey) => [grey, grey, grey])),
    };
    expect(decodeQR(image)).toBe(text);
  });

  it('fits a roll of 80 mm as well, and has a slip for a second code', () => {
    const second = newCode();
    const html = printedReceipt({ ...OF, language: 'nl', second, format: '80mm', wordChosen: false });
    expect(html).toContain('size:80mm');
    expect(html.match(/<section>/g)).toHaveLength(2);
    expect(html).toContain(second.slice(0, 5));
    expect(html).not.toContain(translations('nl').paper.word);
  });
});
