import { Html, html } from './page.layout.js';

describe('html', () => {
  it('escapes every value, for text and for attributes', () => {
    expect(html`<a title="${`"'\``}">${'<script>&amp;'}</a>`.toString()).toBe(
      '<a title="&quot;&#39;&#96;">&lt;script&gt;&amp;amp;</a>',
    );
  });

  it('takes over what it made itself, also in lists', () => {
    const items = ['<1>', '<2>'].map((item) => html`<li>${item}</li>`);
    const list = html`<ul>
      ${[...items, html`<li></li>`]}
    </ul>`;
    expect(flat(list)).toBe(
      '<ul><li>&lt;1&gt;</li><li>&lt;2&gt;</li><li></li></ul>',
    );
  });

  it('writes nothing for undefined and false, and 0 for zero', () => {
    expect(html`[${undefined}${false}${0}]`.toString()).toBe('[0]');
  });

  it('is not deceived by an object that looks like HTML', () => {
    const forged = { text: '<b>', toString: () => '<b>' } as unknown as Html;
    expect(() => html`${forged}`.toString()).toThrow(TypeError);
  });
});

/** Without what only lays out the source. */
function flat(made: Html): string {
  return made.toString().replace(/\s*\n\s*/g, '');
}
