# How the package calls the command. Everything else is in one file a verb.

#' The command that is called.
#'
#' It is `entrepot` on the path, or what the option `entrepot.command` or the environment variable ENTREPOT_COMMAND
#' names: a vector of the program and its first arguments, such as c("python3", "-m", "entrepot").
#' @return A character vector.
#' @export
entrepot_command <- function() {
  stated <- getOption("entrepot.command")
  if (!is.null(stated)) {
    return(stated)
  }
  from_environment <- Sys.getenv("ENTREPOT_COMMAND")
  if (nzchar(from_environment)) strsplit(from_environment, " ", fixed = TRUE)[[1]] else "entrepot"
}

# The arguments of a call: a name is an option, FALSE and NULL leave it out, TRUE gives it without a value, and a vector
# repeats it. Underscores are hyphens.
arguments <- function(...) {
  given <- list(...)
  if (length(given) > 0 && (is.null(names(given)) || !all(nzchar(names(given))))) {
    stop("an argument has no name; write it as that of its option, such as theta = \"cp2015\"", call. = FALSE)
  }
  out <- character()
  for (place in seq_along(given)) {
    value <- given[[place]]
    option <- paste0("--", gsub("_", "-", names(given)[place], fixed = TRUE))
    if (identical(value, TRUE)) {
      out <- c(out, option)
    } else if (!identical(value, FALSE)) {
      for (one in as_texts(value, names(given)[place])) {
        out <- c(out, option, one)
      }
    }
  }
  out
}

# The arguments of a call whose answer has a screen of its own: what only that screen would show, and the form that is
# read here, are left out.
arguments_of_answer <- function(...) {
  given <- list(...)
  idle <- vapply(seq_along(given), function(place) {
    switch(
      c(names(given)[place], "")[1],
      full = identical(given[[place]], TRUE),
      format = identical(given[[place]], "json"),
      FALSE
    )
  }, NA)
  do.call(arguments, given[!idle])
}

# The arguments of a run. It is not kept, unless they name the store.
arguments_of_run <- function(...) {
  sent <- arguments_of_answer(...)
  c(if (!any(c("--store", "--no-store") %in% sent)) "--no-store", sent)
}

# The values of an argument as texts: numbers with all their digits, days as 2026-03-15, factors as their labels. A
# missing value is an error: as a text it is NA, which is Namibia.
as_texts <- function(value, name) {
  if (inherits(value, "POSIXt")) {
    value <- format(value, "%Y-%m-%d")
  }
  if (is.list(value)) {
    return(unlist(lapply(value, as_texts, name)))
  }
  if (anyNA(value)) {
    stop(name, ": a missing value (NA)", call. = FALSE)
  }
  if (is.object(value) || !is.numeric(value)) {
    return(path.expand(as.character(value)))
  }
  vapply(value, format, "", digits = 17, scientific = FALSE, trim = TRUE, decimal.mark = ".", USE.NAMES = FALSE)
}

# The one value of an argument as a text.
one_text <- function(value, name) {
  texts <- as_texts(value, name)
  if (length(texts) != 1) {
    stop(name, ": one value is wanted, not ", length(texts), call. = FALSE)
  }
  texts
}

# Run the command and return its JSON. Its error, one sentence, becomes an error of R; where it has an answer all the
# same, as for a case with a scenario that cannot be solved, a warning.
call_entrepot <- function(...) {
  command <- c(entrepot_command(), ...)
  if (!nzchar(Sys.which(command[1]))) {
    stop(
      "the command '", command[1], "' is not found; install the Python package entrepot, or name the command with ",
      "options(entrepot.command = )",
      call. = FALSE
    )
  }
  errors <- tempfile()
  on.exit(unlink(errors))
  lines <- suppressWarnings(
    system2(command[1], shQuote(c(command[-1], "--format", "json")), stdout = TRUE, stderr = errors)
  )
  status <- attr(lines, "status")
  if (!is.null(status) && status != 0) {
    said <- paste(readLines(errors, warn = FALSE, encoding = "UTF-8"), collapse = "\n")
    if (length(lines) == 0) {
      stop(said, call. = FALSE)
    }
    warning(said, call. = FALSE)
  }
  Encoding(lines) <- "UTF-8"
  jsonlite::fromJSON(paste(lines, collapse = "\n"))
}

# A study: what the command says, its tables as data frames.
as_study <- function(answer) {
  answer$tables <- lapply(answer$tables, function(table) if (is.data.frame(table)) table else data.frame())
  structure(answer, class = "entrepot_study")
}

#' Print the findings of a study, which scenarios have no answer, and the names of its tables.
#' @param x A study, from [entrepot_run()] or [entrepot_solve()].
#' @param ... Not used.
#' @export
print.entrepot_study <- function(x, ...) {
  cat(x$title, "\n\n", paste0(x$findings, "\n"), sep = "")
  if (length(x$failures) > 0) {
    cat("\n", paste0("No answer for ", names(x$failures), ": ", unlist(x$failures), "\n"), sep = "")
  }
  filled <- names(x$tables)[vapply(x$tables, nrow, integer(1)) > 0]
  cat("\nTables: ", paste0("$tables$", filled, collapse = ", "), "\n", sep = "")
  invisible(x)
}
