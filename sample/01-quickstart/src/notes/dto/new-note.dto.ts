import {
  ArrayMaxSize,
  IsArray,
  IsNotEmpty,
  IsOptional,
  IsString,
  MaxLength,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

/** Body of `POST /countries/:code/notes`. */
export class NewNoteDto {
  @JSONSchema({ description: 'The note itself, as plain text' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(2000)
  text: string;

  @JSONSchema({ description: 'Single words to group notes by' })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  @ArrayMaxSize(10)
  tags?: string[];
}
