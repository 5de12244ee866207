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
  out <- character()
  for (name in names(given)) {
    value <- given[[name]]
    option <- paste0("--", gsub("_", "-", name, fixed = TRUE))
    if (is.null(value) || identical(value, FALSE)) {
      next
    }
    if (identical(value, TRUE)) {
      out <- c(out, option)
    } else {
      for (one in value) {
        out <- c(out, option, as_text(one))
      }
    }
  }
  out
}

# A number with all its digits, anything else as text.
as_text <- function(value) {
  if (is.numeric(value)) format(value, digits = 17, scientific = FALSE, trim = TRUE) else as.character(value)
}

# Run the command and return its JSON. Its error, one sentence, becomes an error of R.
call_entrepot <- function(...) {
  command <- c(entrepot_command(), ...)
  errors <- tempfile()
  on.exit(unlink(errors))
  lines <- suppressWarnings(
    system2(command[1], shQuote(c(command[-1], "--format", "json")), stdout = TRUE, stderr = errors)
  )
  status <- attr(lines, "status")
  if (!is.null(status) && status != 0) {
    stop(paste(readLines(errors, warn = FALSE), collapse = "\n"), call. = FALSE)
  }
  Encoding(lines) <- "UTF-8"
  jsonlite::fromJSON(paste(lines, collapse = "\n"))
}

# A study: what the command says, its tables as data frames.
as_study <- function(answer) {
  answer$tables <- lapply(answer$tables, function(table) if (is.data.frame(table)) table else data.frame())
  structure(answer, class = "entrepot_study")
}

#' Print the findings of a study and the names of its tables.
#' @param x A study, from [entrepot_run()] or [entrepot_solve()].
#' @param ... Not used.
#' @export
print.entrepot_study <- function(x, ...) {
  cat(x$title, "\n\n", paste0(x$findings, "\n"), sep = "")
  filled <- names(x$tables)[vapply(x$tables, nrow, integer(1)) > 0]
  cat("\nTables: ", paste0("$tables$", filled, collapse = ", "), "\n", sep = "")
  invisible(x)
}
