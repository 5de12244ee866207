"""Forecasts of how a deadline ends: dated files, their scores once the outcome is known, and the record."""

from entrepot.forecasting.forecast_file import Forecast, read_forecast
from entrepot.forecasting.made_forecast import forecast
from entrepot.forecasting.record import Record, RecordEntry, bundled_record, record_entry
from entrepot.forecasting.scores import base_rate, brier_score, log_score
from entrepot.forecasting.talks_forecast import mean_ends, with_slip

__all__ = [
    "Forecast",
    "Record",
    "RecordEntry",
    "base_rate",
    "brier_score",
    "bundled_record",
    "forecast",
    "log_score",
    "mean_ends",
    "read_forecast",
    "record_entry",
    "with_slip",
]
