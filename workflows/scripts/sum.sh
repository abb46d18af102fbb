# Adds the numbers in a file, one per line.
total=0
while read -r number; do
  total=$((total + number))
done < "$1"
echo "$LABEL: $total"
