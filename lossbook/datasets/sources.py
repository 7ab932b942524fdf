"""Where each file comes from, its licence, and what its rows and columns mean."""

from __future__ import annotations

from typing import NamedTuple


class Source(NamedTuple):
    """One file: where it comes from, on what terms, what rows and columns mean."""

    file: str
    source: str
    licence: str
    description: str


SOURCES = {
    "ames": Source(
        file="ames.csv",
        source="De Cock (2011), Journal of Statistics Education 19(3), "
        "doi:10.1080/10691898.2011.11889627; records of the Ames City Assessor",
        licence="no explicit licence from the author (public records); redistributed under MIT "
        "(R package modeldata), GPL-2 (AmesHousing) and GPL-3 (openintro)",
        description="""\
One row is one sale of a home in Ames, Iowa, from 2006 to 2010.
order: row number from 1. gr_liv_area: living area above ground, sq ft. overall_qual and
overall_cond: graded on a scale of 1 to 10. year_built. total_bsmt_sf: basement, sq ft.
lot_area: sq ft. full_bath, bedrooms and garage_cars: counts. neighborhood: code.
yr_sold: year of sale. sale_condition: kind of sale. sale_price: US dollars.
Known faults: total_bsmt_sf is blank at order 1342 and garage_cars at order 2237 (nan here).
Five sales exceed 4000 sq ft: orders 1499, 2181 and 2182 are partial sales, far too cheap for
their size; 1761 and 1768 are merely unusual. De Cock suggests removing all five.
The parcel number was left out on purpose: it identifies addresses.""",
    ),
    "bikes": Source(
        file="bikeshare_2011_hourly.csv",
        source="Fanaee-T (2013), Bike Sharing, UCI Machine Learning Repository, "
        "doi:10.24432/C5W894; the rows of 2011",
        licence="CC BY 4.0",
        description="""\
One row is one hour of 2011 in the bike-sharing system of Washington, D.C.
month: 1 to 12. hour: 0 to 23. workingday: 1 on working days, else 0. temp: normalised
temperature, no unit. weathersit: 1 clear, 2 mist or cloud, 3 light rain or snow, 4 heavy.
bikers: rentals in the hour.
Known faults: UCI's text gives two different scalings for temp, so do not turn it back into
degrees. weathersit 4 occurs once. 115 of the year's 8760 hours have no row, and no row has 0
bikers. The counts are overdispersed: mean 143.8, variance 17 902.""",
    ),
    "boston_rooms": Source(
        file="boston_rm_medv.csv",
        source="Harrison & Rubinfeld (1978), Journal of Environmental Economics and Management "
        "5(1), 81-102, via StatLib and scikit-learn 1.1.3; two of its 14 columns",
        licence="no licence from the authors (facts of the 1970 US census); redistributed as CC0 "
        "(R package spData) and PDDL/CC0 (@stdlib)",
        description="""\
One row is one census tract of the Boston area, 1970. Two columns only, on purpose.
rm: average number of rooms per dwelling. medv: median value of owner-occupied homes, in
1000 US dollars of 1970.
Ethical note: the full set holds a variable B, a parabola in the Black share of a town's
population, built on an assumption about segregation and house prices that was never shown.
scikit-learn withdrew the set in version 1.2 for that reason. B is not here, but dropping it
does not clean the rest. Use this extract to follow older texts; draw no conclusion about
housing from it. load_ames is the better choice.
Known faults: medv is censored at 50.0 in 16 tracts, and eight values are wrong according to
Gilley & Pace (1996); both are kept, so that published fits can be repeated.""",
    ),
    "breast_cancer": Source(
        file="breast_cancer_wdbc.csv",
        source="Wolberg, Mangasarian, Street & Street (1995), Breast Cancer Wisconsin "
        "(Diagnostic), UCI Machine Learning Repository, doi:10.24432/C5DW2B; via scikit-learn",
        licence="CC BY 4.0",
        description="""\
One row is one breast mass, seen in one microscope image of a fine-needle aspirate.
diagnosis: M malignant, B benign. target: 0 malignant (212 rows), 1 benign (357 rows).
Ten properties of the cell nuclei follow, each as mean_..., ..._error (standard error) and
worst_... (mean of the three largest values): radius, texture, perimeter, area, smoothness,
compactness, concavity, concave_points, symmetry, fractal_dimension. Lengths are in pixels and
areas in square pixels of the image; texture is in grey levels; the others have no unit.
Known traps: target 1 is *benign* (scikit-learn's coding), the reverse of the usual "1 is the
disease". The patient number was left out on purpose.""",
    ),
    "iris": Source(
        file="iris.csv",
        source="Fisher (1936), Annals of Eugenics 7(2), 179-188, measured by Anderson (1935); "
        "UCI Machine Learning Repository, doi:10.24432/C56C76; via scikit-learn",
        licence="CC BY 4.0",
        description="""\
One row is one iris flower; 50 rows for each of three species.
sepal_length, sepal_width, petal_length, petal_width: cm. species: setosa, versicolor or
virginica. target: 0, 1 or 2 in the same order.
Known faults: UCI's iris.data has three wrong cells, in rows 35 and 38; they are corrected here,
as in R and scikit-learn. Rows 102 and 143 are equal.""",
    ),
    "crabs": Source(
        file="horseshoe_crabs.csv",
        source="Brockmann (1996), Ethology 102, 1-21, and Agresti's textbooks; via the R package "
        "glmbb 0.5-1",
        licence="MIT, copyright 2016 C. J. Geyer (glmbb)",
        description="""\
One row is one female horseshoe crab.
satellites: number of male crabs near her, apart from her mate. width_cm: width of the shell,
cm. weight_g: weight, g. color: light_medium, medium, dark_medium or dark. spine: both_good,
one_broken or both_broken.
Known faults: none in this copy. The counts are overdispersed: mean 2.92, variance 9.91. Copies
with weights in kg have cut them to two decimals.""",
    ),
    "wine": Source(
        file="wine_white.csv",
        source="Cortez, Cerdeira, Almeida, Matos & Reis (2009), Decision Support Systems 47(4), "
        "547-553; UCI Machine Learning Repository, doi:10.24432/C56S3T",
        licence="CC BY 4.0",
        description="""\
One row is one tested sample of white vinho verde.
fixed_acidity, volatile_acidity, citric_acid, residual_sugar, chlorides, sulphates: g/dm3.
free_sulfur_dioxide, total_sulfur_dioxide: mg/dm3. density: g/cm3. pH. alcohol: % by volume.
quality: median grade of at least three tasters, 3 to 9 here. poor: 1 if quality is 4 or less
(183 rows, 3.74 %), else 0.
Known faults: 937 rows repeat an earlier row. Split by unique row, or the test set leaks into
the training set. 3961 unique rows remain, 173 of them poor.""",
    ),
    "stackloss": Source(
        file="stackloss.csv",
        source="Brownlee (1960), Statistical Theory and Methodology in Science and Engineering; "
        "via R's datasets package",
        licence="public domain",
        description="""\
One row is one day in a plant that oxidises ammonia to nitric acid.
air_flow: flow of cooling air, no unit given. water_temp: temperature of the cooling water,
degrees C. acid_conc: 10 times (concentration of the acid in % minus 50). stack_loss: 10 times
the % of the ammonia that escapes.
Known faults: days 1, 3, 4 and 21 are the outliers of the literature on robust regression.""",
    ),
    "coco_truth": Source(
        file="coco_val2014_100_gt.csv",
        source="COCO Consortium, annotations of 100 images of val2014 "
        "(Lin et al., 2014, arXiv:1405.0312); via faster_coco_eval, masks left out",
        licence="CC BY 4.0 (the annotations; images are not included)",
        description="""\
One row is one annotated object; 100 images, 70 categories.
image_id. img_w, img_h: size of the image, pixels. category_id, category. x, y: top left corner;
w, h: width and height, pixels. area: area of the object's outline, square pixels; COCO's small,
medium and large go by this, not by w * h. iscrowd: 1 if the box holds a crowd (9 rows).
Known traps: corners are x, y, x + w, y + h. A crowd box is neither a hit nor a miss. Image 1063
has objects but no detection.""",
    ),
    "coco_detections": Source(
        file="coco_val2014_100_detections.csv",
        source="cocodataset/cocoapi, results/instances_val2014_fakebbox100_results.json",
        licence="BSD-2-Clause, copyright 2014 Piotr Dollar and Tsung-Yi Lin",
        description="""\
One row is one detected box on an image of the ground truth.
image_id. category_id, category. x, y: top left corner; w, h: width and height, pixels.
score: confidence, 0 to 1.
Known traps: these are COCO's own *fake* results, made for testing, not the output of a model.
75 categories occur, some without any true object. Published check: AP 0.505, AP50 0.697.""",
    ),
    "toy_detections": Source(
        file="detection_toy_padilla.csv",
        source="Rafael Padilla, Object-Detection-Metrics, samples/sample_2",
        licence="MIT, copyright 2018 Rafael Padilla",
        description="""\
One row is one box; 7 images, one class, 15 true and 24 detected boxes.
image: 1 to 7. kind: gt (ground truth) or det (detection). label: always "object". score:
confidence, 0 to 1, nan for the ground truth. x, y: top left corner; w, h: width and height,
pixels.
Known traps: the published average precision of 24.56 % at IoU 0.30 counts pixels, with widths of
x2 - x1 + 1. With continuous boxes, as in this package, one detection falls from IoU 0.3034 to
0.2953 and the answer is 22.54 %. The 11-point value is 26.84 % either way.""",
    ),
}
