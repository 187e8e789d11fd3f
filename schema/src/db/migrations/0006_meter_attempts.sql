ALTER TABLE "run_meters" ADD COLUMN "attempt_at" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "run_meters" DROP CONSTRAINT "run_meters_run_id_path_ordinal_attempt_meter_pk";--> statement-breakpoint
ALTER TABLE "run_meters" ADD CONSTRAINT "run_meters_run_id_path_ordinal_attempt_meter_attempt_at_pk" PRIMARY KEY("run_id","path","ordinal","attempt","meter","attempt_at");
