import worldCountries, { type Country as Entry } from 'world-countries';
import type { Country } from './country.interface.js';

// The package's types declare a default export, but what `require` returns is
// the list itself, and that is what a default import of it gives.
const entries = worldCountries as unknown as readonly Entry[];

/** All countries of the `world-countries` package, ordered by name. */
export const COUNTRIES: readonly Country[] = entries
  .map(toCountry)
  .sort((a, b) => a.name.localeCompare(b.name, 'en'));

/** Alternative spellings, by alpha-3 code: "Holland", "USA". */
export const SPELLINGS: ReadonlyMap<string, readonly string[]> = new Map(
  entries.map((entry) => [entry.cca3, entry.altSpellings]),
);

function toCountry(entry: Entry): Country {
  return {
    code: entry.cca3,
    code2: entry.cca2,
    name: entry.name.common,
    officialName: entry.name.official,
    nativeNames: Object.values(entry.name.native).map((name) => name.common),
    capitals: entry.capital,
    region: entry.region,
    subregion: entry.subregion,
    // Svalbard and Jan Mayen comes with -1.
    area: entry.area > 0 ? entry.area : null,
    languages: Object.entries(entry.languages).map(([code, name]) => ({
      code,
      name,
    })),
    currencies: Object.entries(entry.currencies).map(([code, currency]) => ({
      code,
      ...currency,
    })),
    borders: entry.borders,
    landlocked: entry.landlocked,
    memberOfUnitedNations: entry.unMember,
    latitude: entry.latlng[0],
    longitude: entry.latlng[1],
    // The package's types leave this one out.
    callingCodes: (entry as Entry & { callingCodes: string[] }).callingCodes,
    topLevelDomains: entry.tld,
    flag: entry.flag,
  };
}
