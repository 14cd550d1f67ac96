/** A `WWW-Authenticate` header, taken apart. */
export interface ReadChallenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Reads a challenge as a client does.
 *
 * @throws Error where it is not of the form of RFC 6750, section 3
 */
export function readChallenge(header: string | null): ReadChallenge {
  const match = /^([A-Za-z-]+)(?: (.*))?$/.exec(header ?? '');
  if (!match) {
    throw new Error(`no challenge: ${header}`);
  }
  const [, scheme = '', list = ''] = match;
  const pairs = list === '' ? [] : list.split(/, (?=[a-z_]+=)/);
  return {
    scheme,
    parameters: Object.fromEntries(
      pairs.map((pair) => {
        const [, name = '', value = ''] =
          /^([a-z_]+)="([\x20-\x21\x23-\x5b\x5d-\x7e]*)"$/.exec(pair) ?? [];
        if (name === '') {
          throw new Error(`no parameter of a challenge: ${pair}`);
        }
        return [name, value];
      }),
    ),
  };
}
