import { SPELLINGS } from './country.data.js';
import type { Country } from './country.interface.js';
import type { SearchCountriesDto } from './dto/search-countries.dto.js';

/** Tells whether a country passes every filter of a search. */
export function matches(country: Country, search: SearchCountriesDto): boolean {
  return (
    (!search.text || hasText(country, fold(search.text))) &&
    (!search.region || country.region === search.region) &&
    (!search.subregion || fold(country.subregion) === fold(search.subregion)) &&
    (!search.language || speaks(country, fold(search.language))) &&
    (!search.currency || pays(country, search.currency.toUpperCase())) &&
    (search.minArea == null || (country.area ?? 0) >= search.minArea) &&
    (search.maxArea == null || (country.area ?? Infinity) <= search.maxArea) &&
    (search.landlocked == null || country.landlocked === search.landlocked)
  );
}

function hasText(country: Country, text: string): boolean {
  return [
    country.name,
    country.officialName,
    ...country.nativeNames,
    ...country.capitals,
    ...(SPELLINGS.get(country.code) ?? []),
  ].some((candidate) => fold(candidate).includes(text));
}

function speaks(country: Country, language: string): boolean {
  return country.languages.some(
    ({ code, name }) => code === language || fold(name) === language,
  );
}

function pays(country: Country, currency: string): boolean {
  return country.currencies.some(({ code }) => code === currency);
}

/** Lower case without accents, so that "sao tome" finds São Tomé. */
function fold(text: string): string {
  return text
    .trim()
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();
}
