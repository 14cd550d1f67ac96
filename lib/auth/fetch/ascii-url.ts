/** Character codes of ASCII, as URLs are made of no others (RFC 3986, section 2). */
const ASCII = /^\p{ASCII}*$/u;

/**
 * Reads a URL that came from outside; undefined where it is none. What is not
 * ASCII is refused unread: `URL.canParse` of Node 20 takes such text for the
 * bytes of UTF-8 once it is hot, and lets pass what `new URL` throws on.
 */
export function readAsciiUrl(text: string): URL | undefined {
  return ASCII.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}
