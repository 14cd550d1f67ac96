import { Html, html } from './html.js';

/** More would push what matters out of sight. */
const LONGEST = 60;

/**
 * The name that a client gave itself: in quotes, short, and kept from changing
 * the direction or the meaning of the text around it.
 */
export function clientNameOf(name: string): Html {
  return html`“<bdi>${shorten(name)}</bdi>”`;
}

function shorten(name: string): string {
  // Of a name in quotes, the reader must not take the end for ours.
  const plain = name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}“”"]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = Array.from(plain);
  return characters.length > LONGEST
    ? `${characters.slice(0, LONGEST).join('')}…`
    : plain || 'no name';
}
