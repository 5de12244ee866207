"""The run store: every run, sweep and bargain as Parquet files beside a manifest."""
