import {
  isBound,
  isSchema,
  stricterBound,
  type JsonSchema,
} from '../json-schema/schema-keywords.js';
import type { Converter } from './schema-packages.interface.js';

const formatted = (format: string): JsonSchema => ({ type: 'string', format });

/** A format that JSON Schema has no word for, in words for whoever fills it in. */
const worded = (words: string): JsonSchema => ({
  type: 'string',
  'x-hint': words,
});

const ISO_DATE = worded(
  'ISO 8601 date, or date and time: 2026-01-31, 2026-01-31T12:00:00Z',
);

/** What class-validator's decorators for text in a certain form say of it. */
export const FORMATS: Readonly<Record<string, Converter>> = {
  isEmail: formatted('email'),
  isUuid: formatted('uuid'),
  isRFC3339: formatted('date-time'),
  isFqdn: formatted('hostname'),
  isIp: ({ constraints }) => {
    const version = Number(constraints?.[0]);
    return version === 4 || version === 6
      ? formatted(`ipv${version}`)
      : worded('IP address');
  },
  // Without `require_protocol` it accepts `example.com`, which is no URI.
  isUrl: ({ constraints }) =>
    (constraints?.[0] as { require_protocol?: boolean } | undefined)
      ?.require_protocol
      ? formatted('uri')
      : worded('URL'),

  isDateString: ISO_DATE,
  isIso8601: ISO_DATE,
  isMilitaryTime: {
    type: 'string',
    pattern: '^([01]\\d|2[0-3]):?([0-5]\\d)$',
    'x-hint': 'time of day: 23:59',
  },
  isTimeZone: worded('IANA time zone: Europe/Berlin'),
  isLocale: worded('locale: en_US'),

  isPhoneNumber: ({ constraints }) => worded(phone(constraints?.[0])),
  isMobilePhone: worded('mobile phone number'),
  isPostalCode: worded('postal code'),
  isISO31661Alpha2: worded('ISO 3166-1 alpha-2 country code: DE'),
  isISO31661Alpha3: worded('ISO 3166-1 alpha-3 country code: DEU'),
  isISO31661Numeric: worded('ISO 3166-1 numeric country code: 276'),
  isISO6391: worded('ISO 639-1 language code: de'),
  isISO4217CurrencyCode: worded('ISO 4217 currency code: EUR'),
  isCurrency: worded('amount of money'),
  isDecimal: worded('decimal number'),
  isLatLong: worded('latitude,longitude'),
  isLatitude: { 'x-hint': 'latitude' },
  isLongitude: { 'x-hint': 'longitude' },

  isCreditCard: worded('credit card number'),
  isIBAN: worded('IBAN'),
  isBIC: worded('BIC (SWIFT code)'),
  isIsbn: worded('ISBN'),
  isIsin: worded('ISIN'),
  isISSN: worded('ISSN'),
  isISRC: worded('ISRC'),
  isEAN: worded('EAN'),
  isTaxId: worded('tax identification number'),
  isPassportNumber: worded('passport number'),
  isIdentityCard: worded('identity card number'),

  isJson: worded('JSON text'),
  isJwt: worded('JSON Web Token'),
  isBase32: worded('base32'),
  isBase58: worded('base58'),
  isBase64: worded('base64'),
  isDataURI: worded('data URI'),
  isMagnetURI: worded('magnet URI'),
  isMimeType: worded('media type: text/plain'),
  isSemVer: worded('semantic version: 1.2.3'),
  isMacAddress: worded('MAC address'),
  isPort: worded('port number'),
  isHash: ({ constraints }) => worded(`${String(constraints?.[0])} hash`),
  isHSL: worded('HSL colour'),
  isRgbColor: worded('RGB colour'),
  isEthereumAddress: worded('Ethereum address'),
  isBtcAddress: worded('Bitcoin address'),
  IsFirebasePushId: worded('Firebase push id'),
  isStrongPassword: worded('strong password'),
  isAscii: { type: 'string', pattern: '^[\\x00-\\x7F]+$' },
  isMongoId: { type: 'string', pattern: '^[0-9a-fA-F]{24}$' },
  isLowercase: worded('lower case'),
  isUppercase: worded('upper case'),
  isOctal: worded('octal number'),
};

const phone = (region: unknown): string =>
  typeof region === 'string'
    ? `phone number (${region})`
    : 'phone number with country code: +49 30 123456';

type Rule = Record<string, unknown>;

/** Keywords whose two values hold together only side by side. */
const SIDE_BY_SIDE = [
  'pattern',
  'multipleOf',
  'const',
  'contains',
  'anyOf',
  'oneOf',
];

/**
 * Adds a rule to those that already hold for a value, so that both hold,
 * whichever comes first: of two bounds the stricter, of two lists of values
 * what they have in common. Formats only inform; the first stays.
 */
export function addRule(rules: Rule, rule: JsonSchema): void {
  for (const [keyword, value] of Object.entries(rule)) {
    const known = rules[keyword];
    if (value === undefined) {
      continue;
    }
    if (known === undefined || same(known, value)) {
      rules[keyword] = value;
    } else if (isBound(keyword)) {
      rules[keyword] = stricterBound(keyword, Number(known), Number(value));
    } else if (keyword === 'type') {
      rules[keyword] = narrower(known, value);
    } else if (keyword === 'enum') {
      addEnum(rules, known, value);
    } else if (keyword === 'not') {
      rules[keyword] = neither(known, value);
    } else if (keyword === 'allOf') {
      rules[keyword] = [known, value].flat();
    } else if (keyword === 'items' && isSchema(known) && isSchema(value)) {
      const items = { ...known };
      addRule(items, value);
      rules[keyword] = items;
    } else if (SIDE_BY_SIDE.includes(keyword)) {
      addBeside(rules, { [keyword]: value });
    } else if (keyword !== 'format' && keyword !== 'x-hint') {
      rules[keyword] = value;
    }
  }
}

/** A whole number is a number; of types that exclude each other the last is kept. */
const narrower = (known: unknown, value: unknown): unknown =>
  known === 'integer' && value === 'number' ? known : value;

function addEnum(rules: Rule, known: unknown, value: unknown): void {
  const common = (known as unknown[]).filter((each) =>
    (value as unknown[]).includes(each),
  );
  if (common.length > 0) {
    rules['enum'] = common;
  } else {
    addBeside(rules, { enum: value });
  }
}

function addBeside(rules: Rule, rule: JsonSchema): void {
  const others = (rules['allOf'] ?? []) as unknown[];
  rules['allOf'] = [...others, rule];
}

/** What two `not`s exclude together. */
function neither(known: unknown, value: unknown): JsonSchema {
  const lists = [known, value].map(excludedValues);
  return lists.every((list) => list !== undefined)
    ? { enum: [...new Set(lists.flat())] }
    : { anyOf: [known, value] };
}

function excludedValues(schema: unknown): unknown[] | undefined {
  const { enum: list, ...others } = schema as JsonSchema;
  const { const: one, ...rest } = others;
  return Object.keys(rest).length > 0
    ? undefined
    : Array.isArray(list)
      ? list
      : 'const' in others
        ? [one]
        : undefined;
}

const same = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);
