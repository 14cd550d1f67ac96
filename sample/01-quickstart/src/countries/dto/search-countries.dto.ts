import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

export const REGIONS = [
  'Africa',
  'Americas',
  'Antarctic',
  'Asia',
  'Europe',
  'Oceania',
] as const;

export const ORDERS = ['name', 'largest', 'smallest'] as const;

/** Query of `GET /countries`. Filters are combined with "and". */
export class SearchCountriesDto {
  @JSONSchema({
    description: 'Part of a name, an alternative spelling or a capital',
  })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  text?: string;

  @IsOptional()
  @IsIn(REGIONS)
  region?: (typeof REGIONS)[number];

  @JSONSchema({ description: 'For example "Western Africa"' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  subregion?: string;

  @JSONSchema({
    description: 'English name or ISO 639-3 code: "French" or "fra"',
  })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  language?: string;

  @JSONSchema({ description: 'ISO 4217 code: "EUR"' })
  @IsOptional()
  @IsString()
  @MaxLength(3)
  currency?: string;

  @JSONSchema({ description: 'Square kilometres' })
  @IsOptional()
  @Type(() => Number)
  @IsNumber()
  @Min(0)
  minArea?: number;

  @JSONSchema({ description: 'Square kilometres' })
  @IsOptional()
  @Type(() => Number)
  @IsNumber()
  @Min(0)
  maxArea?: number;

  // Not `@Type(() => Boolean)`: that makes true of the text "false".
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    value === 'true' ? true : value === 'false' ? false : value,
  )
  @IsBoolean()
  landlocked?: boolean;

  @JSONSchema({ description: 'Order of the results', default: 'name' })
  @IsOptional()
  @IsIn(ORDERS)
  order?: (typeof ORDERS)[number];

  @JSONSchema({ description: 'How many results to skip', default: 0 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  offset?: number;

  @JSONSchema({ description: 'How many results to return', default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number;
}
