#' Solve every scenario of a case.
#' @param case The name of a bundled case, or the path of a YAML file.
#' @param ... Options of `entrepot run`, such as theta = "cp2015" or horizon = "short". The run is kept only where
#'   store names the folder of a run store.
#' @return A study: a list with `findings`, `tables` (data frames), `residuals` and `provenance`.
#' @export
#' @examples
#' \dontrun{
#' study <- entrepot_run("us-japan-autos-2019")
#' study$tables$welfare
#' }
entrepot_run <- function(case, ...) {
  as_study(call_entrepot("run", one_text(case, "case"), arguments_of_run(...)))
}

#' Solve measures in force together.
#' @param ... The measures, an option an instrument, as `entrepot solve` takes them:
#'   tariff = "USA:JPN:motor_vehicles:+25%". A vector gives several. Other options too, such as economy or theta.
#' @return A study, as [entrepot_run()] returns it.
#' @export
#' @examples
#' \dontrun{
#' study <- entrepot_solve(tariff = c("USA:JPN:motor_vehicles:+25%", "USA:DEU:motor_vehicles:+25%"))
#' study$tables$welfare
#' }
entrepot_solve <- function(...) {
  as_study(call_entrepot("solve", arguments_of_answer(...)))
}

#' The duty of a country on a product from a partner on a day.
#' @param importer A country, such as "USA".
#' @param line The code of a product, of 8 or 10 digits.
#' @param from The country of origin.
#' @param on The day, such as "2026-03-15"; the default is today.
#' @param ... Further options of `entrepot tariff`. FALSE leaves an option out; the other answer to a question is an option
#'   of its own, such as no_vehicle_part = TRUE or beyond_quota = TRUE.
#' @return A list with `rate`, `sentence` and the data frame `layers`, one row an authority.
#' @export
entrepot_tariff <- function(importer, line, from, on = NULL, ...) {
  call_entrepot(
    "tariff", one_text(importer, "importer"), one_text(line, "line"), "--from", one_text(from, "from"),
    arguments(on = on, ...)
  )
}

#' A market of products and makers under measures.
#' @param market The name of a bundled market, or the path of a table of products.
#' @param ... Measures and options of `entrepot market`, such as tariff = "USA:JPN:+25%".
#' @return A list whose `tables` are data frames.
#' @export
entrepot_market <- function(market, ...) {
  answer <- call_entrepot("market", one_text(market, "market"), arguments_of_answer(...))
  answer$tables <- lapply(answer$tables, function(table) if (is.data.frame(table)) table else data.frame())
  answer
}

#' The published sets of trade elasticities, or one of them.
#' @param name A set; without it the list of sets is returned.
#' @param economy The values by the sectors of an Economy, side by side.
#' @return A data frame of the sets; for one set a list with its source and its values; for an Economy a list of the
#'   `values` by set and sector, the `notes` on them, and why sets are `left_out`.
#' @export
entrepot_theta <- function(name = NULL, economy = NULL) {
  call_entrepot("theta", if (!is.null(name)) one_text(name, "name"), arguments(economy = economy))
}
