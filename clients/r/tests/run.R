# The numbers of the package are those of the command: Rscript -e 'source("tests/run.R")' in the folder of the package,
# with the command entrepot on the path.
library(entrepot)

# An argument is a text for the command, whatever R holds it as.
sent <- entrepot:::arguments
stopifnot(
  identical(sent(on = as.Date("2026-03-15")), c("--on", "2026-03-15")),
  identical(sent(on = as.POSIXct("2026-03-15 23:30:00", tz = "Asia/Tokyo")), c("--on", "2026-03-15")),
  identical(sent(tariff = factor(c("b", "a"))), c("--tariff", "b", "--tariff", "a")),
  identical(sent(tariff = "a", tariff = "b"), c("--tariff", "a", "--tariff", "b")),
  identical(sent(tariff = data.frame(measure = c("a", "b"))), c("--tariff", "a", "--tariff", "b")),
  identical(sent(no_store = TRUE, full = FALSE, theta = NULL, ver = character(0)), "--no-store"),
  identical(sent(value = 8703000000, theta = 4.1), c("--value", "8703000000", "--theta", "4.0999999999999996"))
)
answer <- entrepot:::arguments_of_answer
stopifnot(
  identical(answer(full = TRUE, format = "json", theta = "cp2015"), c("--theta", "cp2015")),
  identical(answer(format = "csv"), c("--format", "csv")),
  identical(answer(), character())
)
# A run is kept only where the store is named.
run <- entrepot:::arguments_of_run
stopifnot(
  identical(run(), "--no-store"),
  identical(run(full = TRUE, horizon = "short"), c("--no-store", "--horizon", "short")),
  identical(run(no_store = TRUE), "--no-store"),
  identical(run(no_store = FALSE), "--no-store"),
  identical(run(store = "runs"), c("--store", "runs"))
)
usual <- options(OutDec = ",")
stopifnot(identical(sent(theta = 2.5), c("--theta", "2.5")))
options(usual)

# What would be left out, or be read as something else, is refused before the command is called.
refused <- function(call) tryCatch({ call; "" }, error = conditionMessage)
stopifnot(
  identical(refused(sent(theta = NA)), "theta: a missing value (NA)"),
  identical(refused(entrepot_tariff("USA", "8703.23.01", from = NA)), "from: a missing value (NA)"),
  identical(refused(entrepot_tariff("USA", "8703.23.01", from = c("JPN", "DEU"))), "from: one value is wanted, not 2"),
  identical(refused(entrepot_tariff("USA", "8703.23.01", from = NULL)), "from: one value is wanted, not 0"),
  grepl("has no name", refused(entrepot_solve("USA:JPN:motor_vehicles:+25%")), fixed = TRUE),
  grepl("has no name", refused(entrepot_run("mine.yaml", theta = 5, "short")), fixed = TRUE),
  grepl("has no name", refused(entrepot_run("mine.yaml", "short")), fixed = TRUE)
)
usual <- options(entrepot.command = "no-such-command")
stopifnot(grepl("the command 'no-such-command' is not found", refused(entrepot_theta()), fixed = TRUE))
options(usual)

measure <- "USA:JPN:motor_vehicles:+25%"
study <- cars <- entrepot_solve(tariff = measure, economy = "world2014")
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
numbered <- entrepot_tariff(factor("USA"), 8703230100, from = factor("JPN"), on = as.Date("2026-03-15"))
stopifnot(identical(numbered$rate, duty$rate), identical(numbered$product, "8703.23.01.00"))

sets <- entrepot_theta()
stopifnot(is.data.frame(sets), nrow(sets) > 1)

market <- entrepot_market("us-cars-2018", tariff = "USA:JPN:+25%", full = TRUE)
stopifnot(is.data.frame(market$tables$firms), nrow(market$tables$firms) > 1)

# A scenario without an answer is a warning, and is printed; the others have theirs.
case <- tempfile(fileext = ".yaml")
writeLines(c(
  "case: unanswered", "title: A loss that nothing answers", "question: Who gains?", "economy: world2014",
  "parties: [USA, CHN]", "scenarios:", "  tariff:", "    title: a tariff",
  "    measures: [{tariff: {importer: USA, exporter: CHN, sector: ALL, rate: 60%, change: add}}]",
  "retaliation: {by: CHN, against: USA, equivalent_to: tariff}"
), case)
said <- ""
study <- withCallingHandlers(entrepot_run(case, no_store = TRUE, full = TRUE), warning = function(w) {
  said <<- conditionMessage(w)
  invokeRestart("muffleWarning")
})
stopifnot(grepl("No answer", said, fixed = TRUE), identical(study$tables$welfare$party, c("USA", "CHN", "WORLD")))
stopifnot(any(grepl("No answer for retaliation", capture.output(print(study)), fixed = TRUE)))

said <- tryCatch(entrepot_run("no-such-case"), error = conditionMessage)
stopifnot(grepl("no-such-case", said, fixed = TRUE))
cat(sprintf("%.17g\n", cars$tables$welfare$equivalent_variation))
