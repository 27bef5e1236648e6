"""Drives the vendor's client KlAkOAPI, unchanged, against an Administration Server.

    klakoapi.py licences|changes|packages|sample FOLDER URL CA

FOLDER holds the package KlAkOAPI and, for `sample`, the vendor's samples. It needs the package `requests`.
"""

import os
import sys
import tempfile
import uuid

mode, folder, url, certificate = sys.argv[1:]
sys.path.insert(0, folder)

from KlAkOAPI.AdmServer import KlAkAdmServer
from KlAkOAPI.AsyncActionStateChecker import KlAkAsyncActionStateChecker
from KlAkOAPI.Error import KlAkError
from KlAkOAPI.FilesAcceptor import KlAkFilesAcceptor
from KlAkOAPI.GroupSyncIterator import KlAkGroupSyncIterator
from KlAkOAPI.KsnInternal import KlAkKsnInternal
from KlAkOAPI.LicenseKeys import KlAkLicenseKeys
from KlAkOAPI.PackagesApi import KlAkPackagesApi
from KlAkOAPI.Params import KlAkParams, paramBinary, paramParams


def connect():
    return KlAkAdmServer.Create(url, "admin", "secret", internal_user=True, verify=certificate)


def licences():
    server = connect()
    keys = KlAkLicenseKeys(server)
    answer = keys.EnumKeys(["KLLIC_SERIAL", "KLLIC_PROD_NAME", "KLLIC_LIMIT_DATE"], [], {}, lTimeoutSec=60)
    iterator = answer.OutPar("wstrIterator")
    pages = KlAkGroupSyncIterator(server)
    while True:
        page = pages.GetNextItems(iterator, 4)
        for key in page.OutPar("pData")["KLCSP_ITERATOR_ARRAY"]:
            asked = KlAkParams({"KLLIC_SERIAL": key["KLLIC_SERIAL"], "KLLICSRV_KEYDATA": True})
            data = keys.GetKeyData(asked).RetVal()
            size = len(data["KLLICSRV_KEYDATA"]["KLLIC_LICFILE"]) if "KLLICSRV_KEYDATA" in data else 0
            print(key["KLLIC_SERIAL"], key["KLLIC_PROD_NAME"], key["KLLIC_LIMIT_DATE"].date(), size)
        if page.OutPar("bEOF"):
            break
    pages.ReleaseIterator(iterator)
    try:
        keys.GetKeyData(KlAkParams({"KLLIC_SERIAL": "none"}))
    except KlAkError as error:
        print("error", error.code, error.loc_message)


def changes():
    server = connect()
    body = {"KLLIC_IFKEYFILE": True, "KLLIC_LICFILE": paramBinary(b"a key file")}
    print("installed", KlAkLicenseKeys(server).InstallKey(KlAkParams({"KLLICSRV_KEYDATA": paramParams(body)})).RetVal())
    with tempfile.NamedTemporaryFile() as file:
        file.write(os.urandom(2_500_000))
        file.flush()
        upload = KlAkFilesAcceptor(server).InitiateFileUpload(False, 2_500_000)
        server.UploadFile(upload.OutPar("wstrUploadURL"), file.name)
    request = str(uuid.uuid4())
    options = KlAkParams({"KLPKG_NAME": "Sent by KlAkOAPI"})
    KlAkPackagesApi(server).RecordNewPackage3Async(upload.OutPar("wstrFileId"), options, request)
    checker = KlAkAsyncActionStateChecker(server)
    while not (state := checker.CheckActionState(request)).OutPar("bFinalized"):
        pass
    print("package", state.OutPar("pStateData")["KLPKG_NPI_PKGID"])
    KlAkKsnInternal(server).SendKsnStatistics("from-klakoapi", KlAkParams({"count": 5}))


def packages():
    """Makes a package of the archive that PACKAGE names, and has it given out once its agreements are accepted."""
    server = connect()
    api = KlAkPackagesApi(server)
    archive = os.environ["PACKAGE"]
    upload = KlAkFilesAcceptor(server).InitiateFileUpload(True, os.path.getsize(archive))
    server.UploadFile(upload.OutPar("wstrUploadURL"), archive)
    told = api.GetPackageInfoFromArchive(upload.OutPar("wstrFileId"), KlAkParams({})).RetVal()
    print("archive", "KLPKG_KPD" in told, "KLPKG_EULA" in told)
    request = str(uuid.uuid4())
    api.RecordNewPackage3Async(upload.OutPar("wstrFileId"), KlAkParams({"KLPKG_NAME": "Archive"}), request)
    checker = KlAkAsyncActionStateChecker(server)
    while not (state := checker.CheckActionState(request)).OutPar("bFinalized"):
        pass
    number = state.OutPar("pStateData")["KLPKG_NPI_PKGID"]
    uid = [package for package in api.GetPackages2().RetVal() if package["KLPKG_NPI_PKGID"] == number][0][
        "KLPKG_NPI_EXTRA_DATA"
    ]["KLPKG_EULA_UID"]
    try:
        api.CreateExecutablePkgAsync(KlAkParams({"KLPKG_evpPkgId": number}))
    except KlAkError as error:
        print("refused", error.code)
    for agreement in api.GetUserAgreements().RetVal():
        text = api.GetEulaText(agreement["nEulaDbId"]).OutPar("wstrEulaText")
        print("agreement", agreement["KLPKG_EULA_UID"] == uid, agreement["bEulaAccepted"], text)
    api.AcceptEulas([agreement["nEulaDbId"] for agreement in api.GetUserAgreements().RetVal()])
    print("accepted", all(agreement["bEulaAccepted"] for agreement in api.GetUserAgreements().RetVal()))
    action = api.CreateExecutablePkgAsync(KlAkParams({"KLPKG_evpPkgId": number})).RetVal()
    while not checker.CheckActionState(action).OutPar("bFinalized"):
        pass
    plugin = api.GetPackagePlugin(number).RetVal()
    print("plugin", plugin["KLPKG_PLUGIN_FILENAME"], plugin["KLPKG_PLUGIN_FILESIZE"])
    print("profile", api.PrePublishMobilePackage("phones").RetVal())
    api.PublishMobilePackage("phones", KlAkParams({"any": 1}))


def sample():
    sys.path.insert(0, os.path.join(folder, "samples"))
    import sample_licenses

    # What the sample says of itself is meant to be set in the file.
    sample_licenses.server_url = url
    sample_licenses.username = "admin"
    sample_licenses.password = "secret"
    sample_licenses.SSLVerifyCert = certificate
    sample_licenses.main()


{"licences": licences, "changes": changes, "packages": packages, "sample": sample}[mode]()
