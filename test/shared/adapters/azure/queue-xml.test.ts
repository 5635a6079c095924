import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elementsOf, escapeXml, textIn } from '../../../../shared/adapters/azure/queue-xml.ts';

const LIST =
  '\ufeff<?xml version="1.0" encoding="utf-8"?><QueueMessagesList><QueueMessage><MessageId>1</MessageId><MessageText>a&amp;b</MessageText></QueueMessage>' +
  '<QueueMessage><MessageId>2</MessageId><MessageText /></QueueMessage></QueueMessagesList>';

describe('the XML of Queue storage', () => {
  test('a list is its messages', () => {
    const messages = elementsOf(LIST, 'QueueMessage');
    expect(messages.map((message) => [textIn(message, 'MessageId'), textIn(message, 'MessageText')])).toEqual([
      ['1', 'a&b'],
      ['2', ''],
    ]);
  });

  test.each(['<QueueMessagesList />', '', 'no XML at all'])('a list without messages is empty: %s', (xml) => {
    expect(elementsOf(xml, 'QueueMessage')).toEqual([]);
  });

  test('any text comes back as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(textIn(`<MessageText>${escapeXml(text)}</MessageText>`, 'MessageText')).toBe(text);
      }),
    );
  });

  test.each([
    ['&lt;&gt;&quot;&apos;', '<>"\''],
    ['&#x41;&#66;', 'AB'],
    ['&#x110000;&#9999999;', '&#x110000;&#9999999;'],
    ['&mine;&amp;lt;', '&mine;&lt;'],
  ])('%s reads %s', (written, text) => {
    expect(textIn(`<T>${written}</T>`, 'T')).toBe(text);
  });
});
