import { describe, expect, test } from 'vitest';
import { showMrkdwn, showText } from '../../../console/preview/slack-text.ts';

describe('text that Slack parses', () => {
  test.each([
    ['*bold* _italic_ ~struck~', '<b>bold</b> <i>italic</i> <s>struck</s>'],
    ['a*b*c 2*3*4 snake_case_name', 'a*b*c 2*3*4 snake_case_name'],
    ['`*code*`', '<code>*code*</code>'],
    ['```a\n<b>```', '<pre>a\n&lt;b&gt;</pre>'],
    ['&lt;!here&gt; &amp;lt;', '&lt;!here&gt; &amp;lt;'],
    [
      '<!here> <@U1> <!subteam^S1>',
      '<span class="mention">@here</span> <span class="mention">@U1</span> <span class="mention">@S1</span>',
    ],
    ['<#C1|ops>', '<span class="channel">#ops</span>'],
    ['<https://a.example/?b=1&amp;c=2|see>', '<a href="https://a.example/?b=1&amp;c=2" rel="noreferrer">see</a>'],
    ['https://a.example', '<a href="https://a.example" rel="noreferrer">https://a.example</a>'],
    ['<javascript:alert(1)|x>', 'x'],
    ['> quoted', '<blockquote>quoted</blockquote>'],
    ['&gt; quoted', '<blockquote>quoted</blockquote>'],
    [':wave:', '<span class="emoji" title="wave">:wave:</span>'],
    ['one\ntwo', 'one<br>two'],
  ])('%j', (text, html) => {
    expect(showMrkdwn(text)).toBe(html);
  });

  test('without formats is parsed for what stands in angle brackets alone', () => {
    expect(showMrkdwn('*a* `b` https://a.example <!here>', false)).toBe(
      '*a* `b` https://a.example <span class="mention">@here</span>',
    );
  });
});

test('plain text is shown as it is; only emoji are drawn, where they are asked for', () => {
  const text = '<!here> *x* &lt; :wave:';
  const shown = '&lt;!here&gt; *x* &amp;lt; ';
  expect(showText({ type: 'plain_text', text, emoji: false })).toBe(`${shown}:wave:`);
  expect(showText({ type: 'plain_text', text })).toBe(`${shown}<span class="emoji" title="wave">:wave:</span>`);
  expect(showText({ type: 'markdown', text })).toContain('class="problem"');
});
