/** Text that is HTML already. Only {@link html} makes it. */
export class Html {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What a template may hold: nothing is written for `undefined` and `false`. */
export type HtmlValue =
  Html | string | number | undefined | false | readonly HtmlValue[];

/**
 * Makes HTML of a template. Every value is escaped, for text as for attributes
 * in double quotes, unless it is HTML made by this function.
 */
export function html(
  strings: TemplateStringsArray,
  ...values: readonly HtmlValue[]
): Html {
  return new Html(
    strings.reduce(
      (before, text, index) => before + render(values[index - 1]) + text,
    ),
  );
}

function render(value: HtmlValue): string {
  if (value === undefined || value === false) {
    return '';
  }
  if (value instanceof Html) {
    return value.toString();
  }
  if (typeof value === 'object') {
    return value.map(render).join('');
  }
  return escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escape(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}
