# The numbers of the package are those of the command: Rscript -e 'source("tests/run.R")' in the folder of the package,
# with the command entrepot on the path.
library(entrepot)

measure <- "USA:JPN:motor_vehicles:+25%"
study <- entrepot_solve(tariff = measure, economy = "world2014")
stopifnot(is.data.frame(study$tables$welfare), nrow(study$tables$welfare) == 3, nrow(study$tables$retaliation) == 0)
stopifnot(max(unlist(study$residuals)) < 1e-9)
command <- entrepot_command()
said <- system2(
  command[1],
  shQuote(c(command[-1], "solve", "--tariff", measure, "--economy", "world2014", "--format", "csv")),
  stdout = TRUE
)
printed <- utils::read.csv(text = said)
stopifnot(identical(study$tables$countries$equivalent_variation, printed$equivalent_variation))

duty <- entrepot_tariff("USA", "8703.23.01", from = "JPN", on = "2026-03-15")
stopifnot(is.data.frame(duty$layers), abs(duty$rate - sum(duty$layers$rate[duty$layers$applies])) < 1e-12)

sets <- entrepot_theta()
stopifnot(is.data.frame(sets), nrow(sets) > 1)

market <- entrepot_market("us-cars-2018", tariff = "USA:JPN:+25%")
stopifnot(is.data.frame(market$tables$firms), nrow(market$tables$firms) > 1)

said <- tryCatch(entrepot_run("no-such-case"), error = conditionMessage)
stopifnot(grepl("no-such-case", said, fixed = TRUE))
cat(sprintf("%.17g\n", study$tables$welfare$equivalent_variation))
