"""Files of any format as tables of columns and cells; layouts then give the columns their meaning.

One module a format: text (CSV and similar, in any encoding), workbook (Excel), r (data frames of R), JSON, HTML.
"""
