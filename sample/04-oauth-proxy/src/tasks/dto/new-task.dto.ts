import { IsNotEmpty, IsString, MaxLength } from 'class-validator';

/** Body of `POST /tasks`. */
export class NewTaskDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  title: string;
}
