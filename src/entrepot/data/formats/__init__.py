"""Files in any format as tables of columns and cells; what they mean is for the layouts to say.

One file a format: text (CSV and its kin, in any encoding), workbook (Excel), r (data frames of R), json.
"""
